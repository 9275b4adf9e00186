"""How Sphinx builds the course site. tools/make_site.py calls it."""

import os

address = os.environ["COURSE_ADDRESS"]

project = "Recurrent Networks, Measured"
author = "the authors of the course"
project_copyright = "code MIT, prose and figures CC BY 4.0"
language = "en"

extensions = ["myst_nb"]
exclude_patterns = ["README.md"]  # index.md includes a part of it
nb_execution_mode = "off"  # the outputs are those of the committed notebooks
nb_ipywidgets_js = {}  # no widgets, so nothing to fetch
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3

# Mathematics from a local file: the site asks nothing of another server.
mathjax_path = "mathjax/tex-svg-full.js"
mathjax3_config = {
    "svg": {"fontCache": "global"},
    "options": {"enableMenu": False},
}

html_theme = "sphinx_book_theme"
html_title = project
html_context = {"default_mode": "auto"}  # light or dark, as the reader's machine
html_favicon = "static/favicon.svg"
html_static_path = ["static"]
html_css_files = ["site.css"]
html_js_files = ["site.js"]
html_sourcelink_suffix = ""
html_last_updated_fmt = None
html_theme_options = {
    "repository_url": address,
    "repository_branch": "main",
    "use_repository_button": True,
    "use_fullscreen_button": False,
    "home_page_in_toc": True,
    "show_toc_level": 2,
    "navbar_persistent": [],  # one search field, in the sidebar
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
if address.startswith("https://github.com/"):
    html_theme_options["launch_buttons"] = {
        "colab_url": "https://colab.research.google.com",
        "binderhub_url": "https://mybinder.org",
        "notebook_interface": "jupyterlab",
    }
