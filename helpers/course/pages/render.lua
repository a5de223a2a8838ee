-- Markdown of strangers as HTML: formulas as MathML, no HTML of theirs, no file read. One JSON in, one out.

local input = pandoc.json.decode(io.stdin:read("a"), false)
local FORMAT = "gfm+tex_math_dollars"
local OPTIONS = pandoc.WriterOptions({ html_math_method = "mathml" })

local function link(element) return element.content end

local function image(element)
  if element.src:match("^data:image/%w+;base64,") then return element end
  return pandoc.Emph(element.caption)
end

local function anonymous(element)
  element.attr = pandoc.Attr()
  return element
end

-- GitHub's Markdown reads HTML whatever the options say: it is shown as the text that it is
local function inline(element) return pandoc.Str(element.text) end
local function block(element) return pandoc.Plain({ pandoc.Str(element.text) }) end

local results = {}
for i, text in ipairs(input) do
  local good, html = pcall(function()
    local document = pandoc.read(text .. "\n", FORMAT, {}, {})
    document = document:walk({ RawInline = inline, RawBlock = block, Link = link, Image = image })
    document = document:walk({ Header = anonymous, Div = anonymous, Span = anonymous })
    return pandoc.write(document, "html5", OPTIONS)
  end)
  results[i] = good and html or false
end
io.stdout:write(pandoc.json.encode(results))
