// Before the first paint: "auto" becomes the light or dark that this device asks for.
(() => {
  const root = document.documentElement;
  const dark = matchMedia("(prefers-color-scheme: dark)");
  const put = () => {
    if (root.dataset.theme === "auto") root.dataset.bsTheme = dark.matches ? "dark" : "light";
  };
  put();
  dark.addEventListener("change", put);
})();
