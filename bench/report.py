"""The table and the plot of a run."""

import html
import os
import platform
import statistics

SUBJECT = "entrepot-tomcat"


def ratio(rounds, metric, peer):
    """The median of the ratios of each round, which a change of the machine's mood between rounds does not touch."""
    pairs = zip(rounds[SUBJECT], rounds[peer], strict=False)
    return statistics.median(mine[metric] / theirs[metric] for mine, theirs in pairs if theirs[metric])


def judge(case, rounds):
    """Yields each bar with what was measured and whether it holds; None where there is no such peer."""
    for bar in case.bars:
        if SUBJECT not in rounds or (bar.peer and bar.peer not in rounds):
            yield bar, None, None
        else:
            value = ratio(rounds, bar.metric, bar.peer) if bar.peer else median(rounds[SUBJECT], bar.metric)
            yield bar, value, bar.holds(value)


def median(values, metric):
    return statistics.median(value[metric] for value in values)


def figure(value):
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def machine():
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / (1 << 30)
    return f"{os.cpu_count()} cores ({platform.machine()}), {memory:.0f} GiB, Linux {platform.release().split('-')[0]}, load {os.getloadavg()[0]:.1f} at the end"


def table(results, command):
    """Results by case, each a list of values by subject, as Markdown."""
    lines = [f"`{command}` on {machine()}.", ""]
    lines += ["Ratios are medians of those within a round; a bar is for Entrepot on Tomcat.", ""]
    lines += ["| case | metric | " + "medians | bar | measured | |", "|---|---|---|---|---|---|"]
    lines += [rows(case, rounds) for case, rounds in results]
    return "\n".join(lines) + "\n"


def rows(case, rounds):
    """The rows of one case: a row for each bar, and for each metric that has none."""
    lines = []
    for metric in next(iter(rounds.values()))[0]:
        medians = " · ".join(f"{name} {figure(median(values, metric))}" for name, values in rounds.items())
        bars = [judged for judged in judge(case, rounds) if judged[0].metric == metric] or [(None, None, None)]
        for bar, value, holds in bars:
            told = "" if bar is None else ("no peer" if value is None else figure(value))
            verdict = {True: "PASS", False: "**MISS**", None: ""}[holds]
            lines.append(f"| {case.name} | {metric} | {medians} | {bar or ''} | {told} | {verdict} |")
            medians = ""
    return "\n".join(lines)


COLOURS = {"entrepot-tomcat": "#1b7f5c", "entrepot-jetty": "#4fae8b", "entrepot-war": "#93d3ba", "nginx": "#555", "docker-registry": "#2a6fb0", "distribution-v3": "#7a5ab0"}
BAR, GAP, LEFT, WIDTH = 14, 22, 190, 860


def plot(results):
    """One group of bars for each case's first metric, each bar relative to the longest of its group."""
    parts, y = [], 10
    for case, rounds in results:
        metric = next(iter(next(iter(rounds.values()))[0]))
        values = {name: median(of, metric) for name, of in rounds.items()}
        longest = max(values.values()) or 1
        parts.append(f'<text x="{LEFT}" y="{y + 12}" font-weight="bold">{html.escape(f"{case.name}, {metric}")}</text>')
        y += 18
        for name, value in values.items():
            length = (WIDTH - LEFT - 90) * value / longest
            parts.append(f'<text x="{LEFT - 8}" y="{y + 11}" text-anchor="end">{html.escape(name)}</text>')
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR}" fill="{COLOURS.get(name, "#b58a2a")}"/>')
            parts.append(f'<text x="{LEFT + length + 6:.1f}" y="{y + 11}">{figure(value)}</text>')
            y += BAR + 3
        y += GAP
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{y}" font-family="sans-serif" font-size="11">'
    return head + '<rect width="100%" height="100%" fill="white"/>' + "".join(parts) + "</svg>\n"
