#!/bin/sh
# The report in a real browser, headless: nothing in its console, everything drawn, legible in light
# and dark, and no wider than a phone. SHOTS=folder keeps the screenshots.
# shellcheck source=tests/cli/transcript.sh
. "$(dirname "$0")/transcript.sh"

browser=
for name in chromium chromium-browser google-chrome chrome; do
    [ -n "$browser" ] || browser=$(command -v "$name")
done
if [ -z "$browser" ] || ! command -v gnuplot >/dev/null 2>&1; then
    echo "SKIPPED: no Chromium or no gnuplot is installed, the report is not looked at"
    exit 77
fi
werkbank run "$WERKBANK_SOURCE/scenarios/spot-weather/scenario.yaml" --db a.db -q -o csv
expect 0 '' report a.db --out plain.html

# A browser whose profile is ours; what it says itself on standard error is of no interest.
browse() { # width mode options... page
    width=$1
    [ "$2" = dark ] && mode='--force-dark-mode --blink-settings=preferredColorScheme=0' || mode=
    shift 2
    # shellcheck disable=SC2086 # two options
    timeout 120 "$browser" --headless --no-sandbox --disable-gpu --disable-dev-shm-usage $mode \
        --user-data-dir="$work/profile" --hide-scrollbars --window-size="$width,900" "$@" 2>log
}
browse 1100 light --dump-dom "file://$work/plain.html" >dom
if ! grep -q '</html>' dom; then
    echo "SKIPPED: $browser does not start here: $(tail -n 1 log)"
    exit 77
fi

# ---- the console ----

console() { # page
    browse 1100 light --enable-logging=stderr --dump-dom "file://$work/$1" >/dev/null
    grep -c 'CONSOLE' log
}
check "nothing is in the console" [ "$(console plain.html)" = 0 ]
sed 's/<\/body>/<img src="x" onerror="console.error(1)"><\/body>/' plain.html >faulty.html
check "a fault would have been" [ "$(console faulty.html)" -ge 1 ]

# ---- layout, measured by a script in a copy of the page ----

# No window of Chromium's is narrower than 500 pixels, so the page is shown in a frame.
frame() { # page width
    cat <<HTML
<!DOCTYPE html><meta charset="utf-8"><meta name="color-scheme" content="light dark">
<style>body{margin:0}iframe{border:0;display:block}</style>
<iframe src="$1" width="$2" height="900"></iframe><pre id="result"></pre>
<script>addEventListener('message',
    e => { document.getElementById('result').textContent = e.data; })</script>
HTML
}

cat >measure.js <<'JS'
function light(c) { c = c.match(/[\d.]+/g).map(Number); if (c.length > 3 && c[3] === 0) return null;
  const l = c.slice(0, 3).map(v => v / 255).map(
    v => v <= 0.03928 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; }
function ground(e) { for (; e; e = e.parentElement) { const l = light(getComputedStyle(e)
  .backgroundColor); if (l !== null) return l; } return 1; }
function contrast(e) { const a = light(getComputedStyle(e).color), b = ground(e);
  return (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05); }
addEventListener('load', () => {
  const texts = [...document.querySelectorAll('h1,h2,h3,p,td,th,caption,figcaption,dt,dd,li')];
  const images = [...document.images];
  const heads = [...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1]);
  const result = {
    width: innerWidth, page: document.documentElement.scrollWidth,
    drawn: images.filter(i => i.complete && i.naturalWidth > 100).length, images: images.length,
    named: images.filter(i => i.alt.length > 10).length,
    contrast: Math.min(...texts.map(contrast)).toFixed(2), ground: ground(document.body).toFixed(2),
    steps: heads.every((h, i) => i === 0 ? h === 1 : h <= heads[i - 1] + 1),
    cut: [...document.querySelectorAll('.scroll')].filter(
      e => e.scrollWidth > e.clientWidth + 1).length,
    scopes: [...document.querySelectorAll('th')].every(t => t.scope),
    captions: [...document.querySelectorAll('table')].every(t => t.caption),
    small: Math.min(...texts.map(e => parseFloat(getComputedStyle(e).fontSize))),
    language: document.documentElement.lang };
  parent.postMessage(JSON.stringify(result), '*'); });
JS
measured() { # page
    sed '/<\/body>/,$d' "$1"
    echo '<script>'
    cat measure.js
    echo '</script></body></html>'
}
measured plain.html >measured.html
value() { sqlite3 :memory: "SELECT json_extract(readfile('result.json'), '\$.$1')"; }
for how in "1100 light" "1100 dark" "390 light" "390 dark"; do
    frame measured.html "${how% *}" >framed.html
    browse 1100 "${how#* }" --virtual-time-budget=5000 --dump-dom "file://$work/framed.html" >dom
    sed -n 's/.*<pre id="result">\(.*\)<\/pre>.*/\1/p' dom >result.json
    check "$how: the page is measured" [ "$(value width)" = "${how% *}" ]
    check "$how: the page does not scroll sideways, $(value page)" \
        [ "$(value page)" -le "${how% *}" ]
    check "$how: all eight pictures are drawn" [ "$(value drawn) $(value images)" = "8 8" ]
    check "$how: and described" [ "$(value named)" = 8 ]
    check "$how: contrast $(value contrast) is 4.5 at least" \
        [ "$(value 'contrast' | tr -d .)" -ge 450 ]
    bright=$([ "$(value ground)" = 1.00 ] && echo light || echo dark)
    check "$how: the ground is ${how#* }, $(value ground)" [ "$bright" = "${how#* }" ]
    check "$how: headings go down step by step" [ "$(value steps)" = 1 ]
    check "$how: every heading of a table has a scope, every table a caption" \
        [ "$(value scopes)$(value captions)" = 11 ]
    check "$how: the smallest letters have $(value small) px" \
        [ "$(value small | cut -d. -f1)" -ge 11 ]
    check "$how: its language is said" [ "$(value language)" = en ]
    if [ -n "${SHOTS:-}" ]; then
        frame plain.html "${how% *}" >framed.html
        browse 1100 "${how#* }" --screenshot="$SHOTS/report-${how% *}-${how#* }.png" \
            "file://$work/framed.html" >/dev/null
    fi
done

# ---- on paper: five contenders on A4, between the margins that Chromium gives it ----

werkbank run "$WERKBANK_SOURCE/scenarios/night/scenario.yaml" --db night.db -q -o csv
expect 0 '' report night.db --out night.html
measured night.html | sed 's/@media print/@media all/' >paper.html
frame paper.html 718 >framed.html
browse 1100 light --virtual-time-budget=5000 --dump-dom "file://$work/framed.html" >dom
sed -n 's/.*<pre id="result">\(.*\)<\/pre>.*/\1/p' dom >result.json
check "paper: no table is cut off, of $(value cut)" [ "$(value cut)" = 0 ]
check "paper: all eight pictures are drawn" [ "$(value drawn)" = 8 ]
[ -z "${SHOTS:-}" ] || browse 1100 light --screenshot="$SHOTS/report-paper.png" \
    "file://$work/framed.html" >/dev/null
finish
