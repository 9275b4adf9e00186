// From a folder (file://) a browser forbids the requests that fetch the lines below
// each search result. The results themselves work, so leave those lines out.
if (location.protocol === "file:") {
  DOCUMENTATION_OPTIONS.SHOW_SEARCH_SUMMARY = false;
}
