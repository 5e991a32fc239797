"""Uses every control of the report page in headless Chromium. No console message, no
request, no script of a label may come of it."""
import json, os, sys, time
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import Select

folder, shots = sys.argv[1], sys.argv[2]
downloads = os.path.join(folder, "downloads")
os.mkdir(downloads)
o = Options()
for a in ("--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
          "--window-size=1280,1000", "--lang=en-US", "--disable-background-networking",
          "--disable-component-update", "--no-first-run"):
    o.add_argument(a)
o.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
o.add_experimental_option("prefs", {"download.default_directory": downloads})
d = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=o)
d.set_script_timeout(60)


def el(css):
    return d.find_element(By.CSS_SELECTOR, css)


def els(css):
    return d.find_elements(By.CSS_SELECTOR, css)


def count(css):
    return d.execute_script("return document.querySelectorAll(arguments[0]).length", css)


def text(css):
    return d.execute_script("return document.querySelector(arguments[0]).textContent", css)


def wait(what, test):
    end = time.monotonic() + 120
    while time.monotonic() < end:
        if test():
            return
        time.sleep(0.05)
    raise AssertionError("waited in vain: " + what)


def choose(css, value):
    Select(el(css)).select_by_value(value)


def fill(css, value):
    d.execute_script("arguments[0].value = arguments[1]", el(css), value)


def click(css):
    e = el(css)
    d.execute_script("arguments[0].scrollIntoView({block: 'center'})", e)
    e.click()


def shot(name):
    if shots:
        size = d.execute_script("return document.documentElement.scrollHeight")
        d.set_window_size(1280, min(int(size) + 10, 9000))
        time.sleep(0.3)
        d.save_screenshot(os.path.join(shots, name + ".png"))
        d.set_window_size(1280, 1000)


def quiet(name):
    """Since the last call: nothing on the console, no request but the page itself."""
    bad = d.get_log("browser")
    assert not bad, (name, bad)
    for line in d.get_log("performance"):
        m = json.loads(line["message"])["message"]
        if m["method"] == "Network.requestWillBeSent":
            url = m["params"]["request"]["url"]
            # data: is Chromium's own picture in its date fields.
            assert url.startswith(("file://" + folder, "blob:null/", "blob:file://", "data:image/svg+xml")), (name, url)


def open_page(name):
    d.get("file://%s/%s.html" % (folder, name))
    wait("the page", lambda: d.execute_script("return document.documentElement.dataset.ready") == "yes")
    ready = d.execute_script("return performance.getEntriesByName('ready')[0].startTime")
    size = os.path.getsize("%s/%s.html" % (folder, name))
    print("%s: %d bytes, ready after %d ms" % (name, size, ready))
    # Nothing that a text made: one script, one data block, no image, frame or form target.
    assert count("script") == 2 and count("img, iframe, object, embed, link, b, i") == 0, name
    quiet(name)


def close_dialog():
    el("dialog .close").click()
    wait("dialog closed", lambda: not d.execute_script("return document.querySelector('dialog').open"))


# Text nodes and labels with two Latin words in a row that are not a text of the case.
FOREIGN = r"""
const raw = JSON.parse(document.getElementById('data').textContent);
const own = new Set();
const take = (x) => { if (typeof x === 'string') { if (x.length > 2) own.add(x); } else if (x && typeof x === 'object') Object.values(x).forEach(take); };
['accounts', 'memos', 'tx', 'patterns', 'facts', 'thefts', 'seeds', 'stops', 'title', 'tz'].forEach((k) => take(raw[k]));
(raw.groups ?? []).forEach((g) => { if (g[4].some((x) => x[1] === 'given' || x[1] === 'actor')) take(g); });
const known = [...own].sort((a, b) => b.length - a.length);
const said = [];
const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_ALL);
for (let n = walk.currentNode; n; n = walk.nextNode()) {
	if (n.nodeType === 3 && !n.parentElement.closest('script, style, noscript, #tz, #lang')) said.push(n.data);
	if (n.nodeType === 1) ['aria-label', 'title', 'placeholder'].forEach((a) => { if (n.hasAttribute(a)) said.push(n.getAttribute(a)); });
}
return said.filter((text) => {
	if (own.has(text) || !/[A-Za-z]{2,}[ ,.:;]+[A-Za-z]{2,}/.test(text)) return false;
	const cut = text.endsWith('…') ? text.slice(0, -1) : null;
	if (cut && known.some((k) => k.startsWith(cut))) return false;
	for (const k of known) text = text.split(k).join('');
	text = text.replace(/[A-Z2-7]{40}/g, '');
	return /[A-Za-z]{2,}[ ,.:;]+[A-Za-z]{2,}/.test(text.replace(/`[^`]*`|「xemtrace [a-z]+」/g, ''));
});
"""


def japanese(name):
    """Everything that the page says is in Japanese; what the case says stays as it is."""
    choose("#lang", "ja")
    foreign = d.execute_script(FOREIGN)
    assert not foreign, (name, foreign[:10])
    nodes = els("#graph svg.network .node")
    if nodes:
        d.execute_script("arguments[0].focus()", nodes[0])
        nodes[0].send_keys(Keys.ENTER)
        foreign = d.execute_script(FOREIGN)
        assert not foreign, (name, foreign[:10])
        close_dialog()


def every_control(name):
    open_page(name)
    assert len(d.execute_script(FOREIGN)) > 20, "the search for English sentences finds none in English"
    # Policy: figures change, and the parts of each policy are its own.
    before = text("#summary")
    policies = [e.get_attribute("value") for e in els("#policy option")]
    assert len(policies) >= 6
    seen = set()
    for p in policies:
        choose("#policy", p)
        seen.add(text("#summary") + text("#deposits"))
    assert len(seen) == len(policies), "a policy changes nothing"
    choose("#policy", policies[[e.text for e in els("#policy option")].index("haircut")])
    assert text("#summary") == before
    # Zone: the same instants, other clocks.
    choose("#tz", "UTC")
    utc = text("#deposits")
    choose("#tz", "Asia/Tokyo")
    assert text("#deposits") != utc
    # Language and colours.
    choose("#lang", "ja")
    assert "概要" in text("#summary h2") and d.execute_script("return document.documentElement.lang") == "ja"
    japanese(name)
    shot(name + "-ja")
    choose("#lang", "en")
    light = el("body").value_of_css_property("background-color")
    choose("#theme", "dark")
    assert el("body").value_of_css_property("background-color") != light
    shot(name + "-dark")
    choose("#theme", "light")
    shot(name + "-light")
    # Flows: number, amount, days, search, reset.
    drawn = count("#graph .edge .line")
    assert drawn > 0 and count("#flow .link") > 0
    choose("#g-most", "20")
    click("#g-apply")
    assert count("#graph svg.network .edge") <= 20
    fill("#g-min", "1000.5")
    click("#g-apply")
    fill("#g-min", "no amount")
    click("#g-apply")
    assert els("#graph .error"), "a bad amount is not said"
    click("#g-reset")
    assert not els("#graph .error") and count("#graph .edge .line") == drawn
    fill("#g-from", "2031-01-01")
    click("#g-apply")
    assert count("#graph svg.network") == 0, "flows of the future"
    click("#g-reset")
    fill("#g-to", "2018-01-26")
    click("#g-apply")
    assert 0 < count("#graph .edge .line") <= drawn
    click("#g-reset")
    fill("#g-find", accounts_like(name))
    click("#g-apply")
    assert count("#graph .node.hit") > 0, "search"
    click("#g-reset")
    # Groups as one node each, and from it to its wallets and reasons.
    if els("#g-fold"):
        click("#g-fold")
        click("#g-apply")
        assert count("#graph .node.k-group, #graph .node") > 0
        folded = els("#graph svg.network .k-group")
        if folded:
            d.execute_script("arguments[0].focus()", folded[0])
            folded[0].send_keys(Keys.ENTER)
            assert count("dialog tbody tr") > 0
            close_dialog()
            choose("#lang", "ja")
            foreign = d.execute_script(FOREIGN)
            assert not foreign, (name, foreign[:10])
            choose("#lang", "en")
        click("#g-reset")
    # Zoom.
    g = "return document.querySelector('svg.network > g').getAttribute('transform')"
    wait("fit", lambda: d.execute_script(g) is not None)
    t0 = d.execute_script(g)
    buttons = els("#graph .tools")[1].find_elements(By.TAG_NAME, "button")
    buttons[0].click()
    wait("zoom in", lambda: d.execute_script(g) != t0)
    t1 = d.execute_script(g)
    buttons[1].click()
    wait("zoom out", lambda: d.execute_script(g) != t1)
    buttons[2].click()
    wait("fit", lambda: d.execute_script(g) == t0)
    # An edge by keyboard leads to its transfers, a node to its account, and on from there.
    e = els("#graph svg.network .edge")[0]
    assert e.get_attribute("role") == "button" and e.get_attribute("aria-label")
    d.execute_script("arguments[0].focus()", e)
    e.send_keys(Keys.ENTER)
    assert el("dialog").is_displayed() and count("dialog tbody tr") > 0
    close_dialog()
    n = els("#graph svg.network .node")[0]
    d.execute_script("arguments[0].focus()", n)
    n.send_keys(Keys.SPACE)
    assert el("dialog").is_displayed() and count("dialog tbody tr") > 0
    if els("dialog tbody .link"):
        title = text("dialog h2")
        els("dialog tbody .link")[0].click()
        wait("drill down", lambda: text("dialog h2") != title)
    el("dialog").send_keys(Keys.ESCAPE)
    wait("escape", lambda: not d.execute_script("return document.querySelector('dialog').open"))
    s = els("#flow .link")[0]
    d.execute_script("arguments[0].focus()", s)
    s.send_keys(Keys.ENTER)
    assert el("dialog").is_displayed()
    close_dialog()
    # Accounts: order, search, pages, copy, CSV.
    heads = el("#accounts").find_element(By.CSS_SELECTOR, ".table").find_elements(By.CSS_SELECTOR, "thead th")
    for i, h in enumerate(heads):
        h.find_element(By.TAG_NAME, "button").click()
        assert h.get_attribute("aria-sort") in ("ascending", "descending")
    at = [h.text.split("\n")[0].strip(" ▼▲") for h in heads].index("Stolen in")
    col = """return [...document.querySelector('#accounts table').tBodies[0].rows]
        .map(r => r.children[%d].textContent.replace(/,/g, ''))""" % at
    heads[at].find_element(By.TAG_NAME, "button").click()
    got = [float(v) for v in d.execute_script(col)]
    assert got == sorted(got, reverse=heads[at].get_attribute("aria-sort") == "descending"), got
    box = el("#accounts input[type=search]")
    box.send_keys("no such account anywhere")
    assert "0" not in text("#accounts .where") and count("#accounts .table:first-of-type tbody tr") == 1
    box.clear()
    box.send_keys(" ")
    assert count("#accounts .table:first-of-type tbody tr") > 1
    turn = els("#accounts .turn button")
    if turn[1].is_enabled():
        first = text("#accounts tbody")
        turn[1].click()
        assert text("#accounts tbody") != first
        els("#accounts .turn button")[0].click()
    d.execute_cdp_cmd("Browser.grantPermissions", {"permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]})
    c = els("#accounts .copy")[0]
    d.execute_script("arguments[0].scrollIntoView({block: 'center'})", c)
    c.click()
    wait("copied", lambda: "Cop" in c.text and c.text != "Copy")
    click("#accounts .save")
    path = os.path.join(downloads, "accounts.csv")
    wait("the CSV", lambda: os.path.exists(path) and os.path.getsize(path) > 0)
    import csv
    rows = list(csv.reader(open(path, newline="", encoding="utf-8")))
    assert len(rows) - 1 == int(text("#accounts .where").split(" of ")[1].replace(",", "")), len(rows)
    assert not any(f[:1] in "=+-@" and f[:1] for r in rows for f in r), "a formula in the CSV"
    os.remove(path)
    # The same day's table, and what stands in the evidence.
    for det in els("main details > summary"):
        det.click()
    assert count("#timeline tbody tr") > 0 and count("#evidence dd") > 5
    values(name)
    labels_apart()
    # On a telephone nothing but tables and pictures in their own boxes goes beyond the edge.
    for width in (390, 768):
        d.execute_cdp_cmd("Emulation.setDeviceMetricsOverride",
                          {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False})
        got = d.execute_script("return document.documentElement.scrollWidth")
        assert got <= width, (name, width, got)
    d.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    # Each thing that can be used has a name; headings are in order; ids are single.
    nameless = d.execute_script("""return [...document.querySelectorAll('button, select, input, [role=button]')]
        .filter(e => !(e.textContent.trim() || e.getAttribute('aria-label') || e.closest('label'))).length""")
    assert nameless == 0, nameless
    ids = d.execute_script("return [...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids)), ids
    pdf = d.execute_cdp_cmd("Page.printToPDF", {"printBackground": True, "preferCSSPageSize": True})["data"]
    assert len(pdf) > 20000
    if shots:
        import base64
        open(os.path.join(shots, name + ".pdf"), "wb").write(base64.b64decode(pdf))
    quiet(name)
    print(name + ": every control used, nothing on the console, no request")


def values(name):
    """A day is worth its movements at the price of the day: here one rate for all."""
    heads = [h.text for h in els("#timeline thead th")]
    if name != "groups":
        assert not any("Value" in h for h in heads), heads
        return
    at = [next(i for i, h in enumerate(heads) if h.startswith(k))
          for k in ("Moved", "Value (", "To services", "Value at services")]
    rows = d.execute_script("""return [...document.querySelectorAll('#timeline tbody tr')]
        .map(r => arguments[0].map(i => r.children[i].textContent.replace(/,/g, '')))""", at)
    from decimal import Decimal, ROUND_DOWN
    assert rows
    for moved, worth, deposited, there in rows:
        for xem, value in ((moved, worth), (deposited, there)):
            want = (Decimal(xem) * Decimal("88.549")).quantize(Decimal("0.01"), ROUND_DOWN)
            assert Decimal(value) == want, (xem, value, want)


def labels_apart():
    """Dates under the timeline do not run into each other."""
    boxes = d.execute_script("""return [...document.querySelectorAll('#timeline svg text')]
        .filter(e => /^[0-9]{4}-/.test(e.textContent)).map(e => e.getBoundingClientRect())
        .map(b => [b.left, b.right])""")
    boxes.sort()
    for a, b in zip(boxes, boxes[1:]):
        assert a[1] < b[0], (a, b)
    # Half of the highest is not called the same as the highest.
    high = d.execute_script("""return [...document.querySelectorAll('#timeline svg text')]
        .map(e => e.textContent).filter(t => !/^[0-9]{4}-/.test(t))""")
    assert len(high) == len(set(high)), high


def accounts_like(name):
    return {"coincheck": "NC4C6P", "groups": "@w1"}.get(name, "@mule")


try:
    every_control("coincheck")
    every_control("hostile")
    every_control("groups")
    # Next to nothing in it: every table has its line, nothing breaks.
    open_page("one")
    labels_apart()
    assert "1 XEM" in text("#summary .big") and count("#deposits tbody tr") == 2
    japanese("one")
    quiet("one")
    for big in [b for b in ("12000", "50000", "model") if os.path.exists("%s/%s.html" % (folder, b))]:
        open_page(big)
        t = time.time()
        labels_apart()
        if big == "model":
            # Only where the money was taken from stands on the left.
            left = d.execute_script("""const n = [...document.querySelectorAll('#flow .node')];
                const x = e => +e.querySelector('rect').getAttribute('x');
                const least = Math.min(...n.map(x));
                return n.filter(e => x(e) === least).map(e => e.getAttribute('class'))""")
            assert left == ["node k-robbed"], left
        choose("#policy", "0")
        japanese(big)
        fill("#g-min", "1000")
        click("#g-apply")
        print("%s: policy, language and filter changed in %d ms" % (big, (time.time() - t) * 1000))
        quiet(big)
finally:
    d.quit()
print("report: ok")
