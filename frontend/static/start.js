// Runs before the first paint, so that nobody sees a flash of the wrong colours, size or language.
(function () {
  var root = document.documentElement;
  function stored(key) {
    try {
      return localStorage.getItem(key);
    } catch (error) {
      return null;
    }
  }
  var dark = window.matchMedia('(prefers-color-scheme: dark)').matches;
  var theme = stored('yunqia.theme');
  var shown = theme === 'dark' || theme === 'light' ? theme : dark ? 'dark' : 'light';
  root.setAttribute('data-theme', shown);
  if (shown === 'dark') document.querySelector('meta[name=theme-color]').content = '#12171b';
  if (stored('yunqia.size') === 'large') root.setAttribute('data-size', 'large');
  var language = stored('yunqia.language');
  if (language === 'zh-Hans' || language === 'zh-Hant' || language === 'en') root.lang = language;
})();
