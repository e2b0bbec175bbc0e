"""The table and the plot of a run."""

import html
import os
import platform
import statistics

from cases import BEST

OURS = "entrepot-"


def measured(bar, rounds):
    """What a bar judges, for each round. A change of the machine's mood between rounds does not touch a ratio within one."""
    mine = [values[bar.metric] for values in rounds.get(bar.subject, [])]
    if not bar.peer:
        return mine
    theirs = best(bar, rounds) if bar.peer == BEST else [values[bar.metric] for values in rounds.get(bar.peer, [])]
    return [own / other for own, other in zip(mine, theirs, strict=False) if other]


def best(bar, rounds):
    """The best value of each round that a peer has."""
    peers = [values for name, values in rounds.items() if not name.startswith(OURS)]
    choose = max if bar.at_least else min
    return [choose(peer[bar.metric] for peer in of_round) for of_round in zip(*peers, strict=False)]


def judge(case, rounds):
    """Yields each bar with what was measured, in the middle, at least and at most, and whether it holds; None where there is no such peer."""
    for bar in case.bars:
        values = measured(bar, rounds)
        if values:
            value = statistics.median(values)
            yield bar, f"{figure(value)} | {figure(min(values))} to {figure(max(values))}", bar.holds(value)
        else:
            yield bar, "no peer |", None


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
    lines += ["Ratios are medians of those within a round. A bar is for Entrepot on Tomcat where it names no other.", ""]
    lines += ["| case | metric | medians | bar | measured | of each round | |", "|---|---|---|---|---|---|---|"]
    lines += [rows(case, rounds) for case, rounds in results]
    return "\n".join(lines) + "\n"


def rows(case, rounds):
    """The rows of one case: a row for each bar, and for each metric that has none."""
    lines = []
    for metric in next(iter(rounds.values()))[0]:
        medians = " · ".join(f"{name} {figure(median(values, metric))}" for name, values in rounds.items())
        bars = [judged for judged in judge(case, rounds) if judged[0].metric == metric] or [("", "|", None)]
        for bar, told, holds in bars:
            verdict = {True: "PASS", False: "**MISS**", None: ""}[holds]
            lines.append(f"| {case.name} | {metric} | {medians} | {bar} | {told} | {verdict} |")
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
