"""The PDF as an exporter of nbconvert, and so of JupyterLab."""

from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from traitlets import default

from helpers.course.typeset.document import make_pdf

__all__ = ["TypstPDFExporter"]


class TypstPDFExporter(Exporter):
    """Exports to PDF by Typst: `jupyter nbconvert --to PDF_without_LaTeX`, and JupyterLab's export menu."""

    export_from_notebook = "PDF without LaTeX"
    output_mimetype = "application/pdf"

    @default("file_extension")
    def _file_extension_default(self):
        return ".pdf"

    def from_notebook_node(
        self, nb: NotebookNode, resources: dict | None = None, **kwargs: Any
    ) -> tuple[bytes, dict]:
        """Convert a notebook, as nbconvert asks for it.

        Parameters
        ----------
        nb : NotebookNode
        resources : dict, optional
            Say where the notebook lies, its name and its date.
        **kwargs
            Passed on; nbconvert does not use them.

        Returns
        -------
        bytes
            The PDF.
        dict
            The resources.
        """
        notebook, resources = super().from_notebook_node(nb, resources, **kwargs)
        metadata = resources["metadata"]
        pdf, warnings = make_pdf(
            notebook,
            home=metadata.get("path") or None,
            name=metadata.get("name") or "notebook",
            date=metadata.get("modified_date"),
            code=not self.config.TemplateExporter.get("exclude_input", False),  # of --no-input
        )
        for message in warnings:
            self.log.warning(message)
        return pdf, resources
