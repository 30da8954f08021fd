#!/usr/bin/env python3
"""Records the day of README.md and docs/day.svg: runs the commands of day.txt on `dynospace dev --network`.

    sudo env "PATH=$PATH" python3 docs/day/record.py          # as root on Linux; dynospace, kubectl, curl in PATH

Lines of day.txt: `# heading`; `$ command`, shown with its output; `@ command`, not shown (waits for an effect).
"""

import html
import os
import re
import subprocess
import sys
import tempfile
import textwrap
import time

FOLDER = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(FOLDER))
SVG = os.path.join(ROOT, "docs", "day.svg")
README = os.path.join(ROOT, "README.md")
ROUTER_PORT, API_PORT = 19480, 19443
COLUMNS = 118
TITLE = "A day with dynospace: deploy, look, scale, change, break, roll back, run a command"


def start(folder):
    """Starts the dev cluster; returns its process, the environment of the commands and its log."""
    kubeconfig = os.path.join(folder, "kubeconfig")
    log = open(os.path.join(folder, "dev.log"), "w", encoding="utf-8")
    dev = subprocess.Popen(
        ["dynospace", "dev", "--network", "--port", str(API_PORT), "--router-port", str(ROUTER_PORT),
         "--kubeconfig", kubeconfig, "--apply", os.path.join(FOLDER, "space.yaml")],
        cwd=folder, stdout=log, stderr=log)
    environment = dict(
        os.environ, KUBECONFIG=kubeconfig, HOME=folder, CURL_HOME=folder, DYNOSPACE_APP="shop", LC_ALL="C.UTF-8")
    return dev, environment, log.name


def wait_for_space(dev, environment, log):
    """Waits until the space is ready, and makes it the default namespace."""
    for _ in range(300):
        if dev.poll() is not None:
            break
        done = subprocess.run(
            ["kubectl", "wait", "space/acme-prod", "--for=condition=Ready", "--timeout=5s"],
            env=environment, capture_output=True, check=False)
        if done.returncode == 0:
            subprocess.run(["kubectl", "config", "set-context", "--current", "--namespace", "acme-prod"],
                           env=environment, check=True, capture_output=True)
            return
        time.sleep(1)
    subprocess.run(["kubectl", "get", "spaces", "-o", "yaml"], env=environment, check=False)
    with open(log, encoding="utf-8") as output:
        sys.exit(f"the space was not ready in time:\n{output.read()[-4000:]}")


def point_curl_at_router(environment, log):
    """Points curl at the space's router, as DNS would; the dev cluster's log has the port."""
    with open(log, encoding="utf-8") as output:
        ports = re.findall(r"Host: shop\.acme-prod\.\S+ http://127\.0\.0\.1:(\d+)/", output.read())
    with open(os.path.join(environment["HOME"], ".curlrc"), "w", encoding="utf-8") as curl:
        curl.write(f'connect-to = "::127.0.0.1:{ports[-1]}"\nretry = 5\nretry-all-errors\n')


def record(environment, log):
    """Lines of the session, as (kind, text): heading, command, output or blank."""
    lines = []
    with open(os.path.join(FOLDER, "day.txt"), encoding="utf-8") as day:
        for line in day.read().splitlines():
            if line.startswith("# ") or not line:
                lines.append(("heading" if line else "blank", line))
                continue
            command = line[2:]
            if command.startswith("curl "):
                point_curl_at_router(environment, log)
            done = subprocess.run(
                ["bash", "-c", command], env=environment, cwd=FOLDER, text=True, check=False,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            print(line, done.stdout, sep="\n", flush=True)
            if line.startswith("@ "):
                if done.returncode != 0:
                    sys.exit(f"{command} failed")
                time.sleep(5)
                continue
            if not done.stdout.strip():
                sys.exit(f"{command} printed nothing")
            lines.append(("command", line))
            for output in done.stdout.rstrip("\n").split("\n"):
                parts = [output.rstrip()]
                if len(output) > COLUMNS:
                    parts = textwrap.wrap(output, COLUMNS, break_on_hyphens=False)
                lines += [("output", part) for part in parts]
    return lines


def spans(kind, text):
    """Coloured parts of a line. Log lines have a colour for each source."""
    log = re.match(r"(\S+ (?:app|dynospace)\[([^\]]+)\]:)(.*)", text)
    if kind == "heading":
        return [("#8b949e", text)]
    if kind == "command":
        return [("#3fb950", "$ "), ("#f0f6fc", text[2:])]
    if log:
        colours = ["#3fb950", "#39c5cf", "#d29922", "#bc8cff"]
        sources = ["web", "worker.1", "worker.2", "router"]
        index = next((i for i, source in enumerate(sources) if log[2].startswith(source)), 0)
        return [(colours[index], log[1]), ("#c9d1d9", log[3])]
    return [("#c9d1d9", text)]


def svg(lines):
    """The session as a picture."""
    width, step, wide = int(40 + 8.4 * max(len(text) for _, text in lines)), 18, 8.4
    height = 60 + step * len(lines)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
        f'viewBox="0 0 {width} {height}" role="img">',
        f"<title>{TITLE}</title>",
        f'<rect width="{width}" height="{height}" rx="8" fill="#0d1117"/>',
        "".join(f'<circle cx="{x}" cy="18" r="6" fill="{c}"/>'
                for x, c in ((20, "#ff5f56"), (40, "#ffbd2e"), (60, "#27c93f"))),
        '<g font-family="ui-monospace,SFMono-Regular,Menlo,Consolas,monospace" font-size="14" xml:space="preserve">',
    ]
    for number, (kind, text) in enumerate(lines):
        x, parts = 20.0, []
        for colour, part in spans(kind, text):
            length = wide * len(part)
            if part:
                parts.append(f'<tspan x="{x:.1f}" textLength="{length:.1f}" lengthAdjust="spacingAndGlyphs" '
                             f'fill="{colour}">{html.escape(part, quote=False)}</tspan>')
            x += length
        if parts:
            out.append(f'<text y="{50 + step * number}">{"".join(parts)}</text>')
    return "\n".join([*out, "</g>", "</svg>", ""])


def main():
    """Records the day, and writes the picture and the text."""
    with tempfile.TemporaryDirectory(prefix="day-") as folder:
        dev, environment, log = start(folder)
        try:
            wait_for_space(dev, environment, log)
            lines = [(kind, text.expandtabs(8)) for kind, text in record(environment, log)]
        finally:
            dev.terminate()
            dev.wait(60)
    with open(SVG, "w", encoding="utf-8") as picture:
        picture.write(svg(lines))
    with open(README, encoding="utf-8") as readme:
        text = readme.read()
    block = "\n".join(line for _, line in lines)
    text, count = re.subn(
        r"(<summary>The same as text</summary>\n\n```console\n).*?(\n```)", lambda m: m[1] + block + m[2], text,
        count=1, flags=re.DOTALL)
    if count != 1:
        sys.exit("README.md has no place for the session")
    with open(README, "w", encoding="utf-8") as readme:
        readme.write(text)


main()
