-- Runs in `pandoc lua`: Markdown and HTML pieces and TeX formulas in (JSON on stdin), Typst out (JSON on
-- stdout). Every piece is parsed by itself and sandboxed, so that nothing leaks from one cell into another.

local SANDBOX = {} -- no file and no address can be read
local OPTIONS = pandoc.WriterOptions({ wrap_text = "wrap-none" })

local input = pandoc.json.decode(io.read("a"), false)
local images = {}
local FORMULA, PICTURE, REFERENCE = input.marks.formula, input.marks.picture, input.marks.reference -- see marks.py

local function literal(text)
  text = text:gsub('[\\"]', "\\%0"):gsub("\n", "\\n"):gsub("\r", "\\r"):gsub("\t", "\\t")
  return '"' .. text .. '"'
end

-- A formula cut out inside code, an address or an alternative text is no formula.
local function source(text)
  return (text:gsub(FORMULA.start .. "(%d+)" .. FORMULA["end"], function(n) return input.sources[tonumber(n) + 1] end))
end

local function length(element)
  local given = element.attributes.width or (element.attributes.style or ""):match("width:%s*([%d.]+%a*%%?)")
  return given or ""
end

-- Places to break in words that are longer than a line may be.
local function breakable(text)
  return (text:gsub("[^%s]+", function(word)
    if (utf8.len(word) or 0) < 48 then return word end
    local count = 0
    return (word:gsub(utf8.charpattern, function(char)
      count = count + 1
      return count % 8 == 0 and char .. "\u{200B}" or char
    end))
  end))
end

local LONG_WORD = ("%S"):rep(48)
local function str(element) -- costs more than all the rest, called for every word: only where there is a long one
  if #element.text < 48 or element.text:find(FORMULA.start, 1, true)
      or element.text:find(REFERENCE.start, 1, true) then
    return element
  end
  return pandoc.Str(breakable(element.text))
end

local function image(element)
  table.insert(images, { source = source(element.src), width = length(element),
                         alt = source(pandoc.utils.stringify(element.caption)) })
  return pandoc.Str(PICTURE.start .. (#images - 1) .. PICTURE["end"])
end

local function code(element)
  return pandoc.RawInline("typst", "#raw(" .. literal(breakable(source(element.text))) .. ");")
end

local function code_block(element)
  local language = element.classes[1] and element.classes[1]:match("^[%w+#-]+$")
  local lang = language and (", lang: " .. literal(language:lower())) or ""
  return pandoc.RawBlock("typst", "#template.snippet(" .. literal(breakable(source(element.text))) .. lang .. ");")
end

local function link(element)
  local target = source(element.target)
  if target:match("^https?://") or target:match("^mailto:") then
    element.target, element.title, element.attr = target, "", pandoc.Attr()
    return element
  end
  return element.content -- a label that the page does not have would stop Typst
end

local function anonymous(element)
  element.identifier = ""
  return element
end

local WRAP = {
  b = pandoc.Strong, strong = pandoc.Strong, i = pandoc.Emph, em = pandoc.Emph, sub = pandoc.Subscript,
  sup = pandoc.Superscript, u = pandoc.Underline, s = pandoc.Strikeout, del = pandoc.Strikeout,
  code = function(content) return pandoc.Code(pandoc.utils.stringify(content)) end,
}
WRAP.kbd, WRAP.tt = WRAP.code, WRAP.code

-- Inline HTML comes as loose tags: pair those that mean something on paper, drop the others.
local function inlines(list)
  local stack = { { content = pandoc.Inlines({}) } }
  local function add(element) stack[#stack].content:insert(element) end
  local function close()
    local top = table.remove(stack)
    add(WRAP[top.tag](top.content))
  end
  for _, element in ipairs(list) do
    if element.t == "RawInline" then
      local closing, tag = element.text:match("^<(/?)(%w+)")
      tag = tag and tag:lower()
      if tag == "br" then
        add(pandoc.LineBreak())
      elseif tag == "img" then
        for _, found in ipairs(pandoc.utils.blocks_to_inlines(
            pandoc.read(element.text, "html", {}, SANDBOX).blocks)) do add(found) end
      elseif WRAP[tag] and closing == "" then
        table.insert(stack, { tag = tag, content = pandoc.Inlines({}) })
      elseif WRAP[tag] and stack[#stack].tag == tag then
        close()
      end
    else
      add(element)
    end
  end
  while #stack > 1 do close() end
  return stack[1].content
end

local function raw_block(element)
  if element.format ~= "html" then return {} end
  return pandoc.read(element.text, "html", {}, SANDBOX).blocks
end

-- Formulas have been cut out: dollars that are left are dollars. Pandoc takes long over names of extensions, so
-- they stand only where they matter: with a dollar, or perhaps a block of code in the language math.
local function format(piece)
  if piece.format == "html" then return "html" end
  local maths = piece.text:find("$", 1, true) or piece.text:find("math", 1, true)
  return maths and "gfm-tex_math_dollars-tex_math_gfm" or "gfm"
end

local function parse(piece)
  local document = pandoc.read(piece.text .. "\n", format(piece), {}, SANDBOX)
  if piece.text:find("<", 1, true) then
    document = document:walk({ RawBlock = raw_block }):walk({ Inlines = inlines })
  end
  document = document:walk({ Str = piece.text:find(LONG_WORD) and str, Code = code, CodeBlock = code_block, Image = image,
                             Link = link, Header = anonymous, Div = anonymous, Span = anonymous, Table = anonymous,
                             Figure = anonymous })
  return document.blocks
end

local function display(tex)
  return pandoc.Para({ pandoc.Math("DisplayMath", tex) })
end

local function typst(blocks)
  return pandoc.write(pandoc.Pandoc(blocks), "typst", OPTIONS)
end

local function formula(tex)
  return typst({ display(tex) }):match("^%$ (.*) %$%s*$") or false -- otherwise pandoc has given the TeX back
end

local function attempt(convert_one, list)
  local results = {}
  for i, entry in ipairs(list) do
    local good, result = pcall(convert_one, entry)
    results[i] = good and result or false
  end
  return results
end

-- All in one go is up to three times as fast as one by one, which is left for those that are not clearly apart.
local function formulas(list)
  local good, whole = pcall(typst, pandoc.List(list):map(display))
  local results = pandoc.List({})
  if good then
    for line in (whole:gsub("%s*$", "") .. "\n\n"):gmatch("(.-)\n\n") do
      results:insert(line:match("^%$ (.*) %$$") or false)
    end
  end
  if #results == #list then return results end
  return attempt(formula, list)
end

local END = input.marks["end"] -- of a piece; one in the text of a piece, written as &#xE009;, makes their number wrong
local function pieces(list)
  local parsed, all, texts = attempt(parse, list), pandoc.Blocks({}), pandoc.List({})
  for _, blocks in ipairs(parsed) do
    all:extend(blocks or {})
    all:insert(pandoc.RawBlock("typst", END))
  end
  local good, whole = pcall(typst, all)
  if good then
    for text in whole:gmatch("(.-)" .. END) do texts:insert(text) end
  end
  local apart = #texts == #list
  local results = {}
  for i, blocks in ipairs(parsed) do
    results[i] = blocks and (apart and texts[i] or attempt(typst, { blocks })[1])
  end
  return results
end

io.stdout:write(pandoc.json.encode({
  pieces = pieces(input.pieces), formulas = formulas(input.formulas), images = images }))
