"""Measures `yunqia match` on generated and published events against CP-SAT and HiGHS, and checks every timetable.

    python measure.py --engine target/…/yunqia --events FOLDER [--published FOLDER] [--seconds 10] [--peers] [--out FILE]

One line of JSON for each run, then a Markdown table. Times are CPU seconds of the process divided by its threads as
well as wall seconds: on a shared machine only the first can be compared.
"""

import argparse
import json
import os
import pathlib
import platform
import resource
import subprocess
import sys
import tempfile
import time

OPTIMA = {
    "forum-13": 0, "forum-13crafb": 6, "forum-13crafc": 1, "forum-14": 2, "forumt-14": 5, "forumt-14crafc": 5,
    "forumt-14crafd": 4, "forumt-14crafe": 5, "tic-12": 0, "tic-12crafc": 0, "tic-13": 0, "tic-13crafb": 0,
    "tic-13crafc": 4, "tic-14crafa": 0, "tic-14crafc": 0, "tic-14crafd": 0, "ticf-13crafa": 0, "ticf-13crafb": 3,
    "ticf-13crafc": 1, "ticf-14crafa": 0,
}  # fmt: skip


def check(event, schedule):
    """Recounts a timetable and looks for broken rules; weight, breaks and idle slots."""
    diaries = [[] for _ in event["participants"]]
    used = [0] * event["slots"]
    weight = 0
    for m, slot in schedule.items():
        meeting = event["meetings"][m]
        weight += meeting["weight"]
        used[slot] += 1
        assert meeting.get("slots") is None or slot in meeting["slots"], f"meeting {m} not allowed in {slot}"
        assert meeting.get("fixed") is None or slot == meeting["fixed"], f"meeting {m} is fixed elsewhere"
        for before in meeting.get("after", []):
            assert before not in schedule or schedule[before] < slot, f"meeting {before} must come before {m}"
        for p in (meeting["a"], meeting["b"]):
            assert slot in event["participants"][p]["available"], f"participant {p} is not there in {slot}"
            diaries[p].append(slot)
    assert all(a <= b for a, b in zip(used, event["rooms"])), "too few rooms"
    for m, meeting in enumerate(event["meetings"]):
        assert not meeting.get("must_hold") or m in schedule, f"meeting {m} must be held"
    breaks = idle = 0
    counts = []
    for diary, participant in zip(diaries, event["participants"]):
        assert len(set(diary)) == len(diary) <= participant["max"], "two at once, or too many"
        diary.sort()
        gaps = [b - a - 1 for a, b in zip(diary, diary[1:]) if b > a + 1]
        counts.append(len(gaps))
        breaks += len(gaps)
        idle += sum(gaps)
    if event.get("fairness") is not None:
        assert max(counts) - min(counts) <= event["fairness"], "not fair"
    return weight, breaks, idle


def run(engine, path, seconds, threads, seed=1):
    event = json.loads(path.read_text())
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        wall = time.time()
        subprocess.run(
            [engine, "match", "--input", str(path), "--seconds", str(seconds), "--seed", str(seed),
             "--threads", str(threads), "--output", out.name],
            check=True,
        )  # fmt: skip
        wall = time.time() - wall
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        found = json.load(open(out.name))
    schedule = {int(m): slot for m, slot in found["schedule"].items()}
    weight, breaks, idle = check(event, schedule)
    assert (weight, breaks, idle) == (found["weight"], found["breaks"], found["idle"]), "figures differ"
    cpu = (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / threads
    bound_at = next((round(t, 2) for t, w, _ in found["trace"] if w >= found["weight"]), None)
    breaks_at = next((round(t, 2) for t, w, b in found["trace"] if w >= found["weight"] and b <= breaks), None)
    return {
        "event": path.stem, "by": "yunqia", "weight": weight, "weight_bound": found["weight_bound"],
        "breaks": breaks, "breaks_bound": found["breaks_bound"], "idle": idle, "optimal": found["optimal"],
        "weight_at": bound_at, "breaks_at": breaks_at, "wall": round(wall, 2), "cpu": round(cpu, 2),
        "schedule": found["schedule"],
    }  # fmt: skip


def repair(engine, path, schedule, seconds=0.9):
    """One desk drops out of a published timetable: what is moved, and how long the answer takes."""
    event = json.loads(path.read_text())
    held = [m["a"] for i, m in enumerate(event["meetings"]) if str(i) in schedule]
    lost = max(set(held), key=held.count)
    event["participants"][lost]["available"] = []
    event["published"], event["move_cost"] = schedule, 3
    with tempfile.TemporaryDirectory() as folder:
        changed = pathlib.Path(folder) / f"{path.stem}-repair.json"
        changed.write_text(json.dumps(event))
        out = pathlib.Path(folder) / "out.json"
        wall = time.time()
        subprocess.run(
            [engine, "match", "--input", changed, "--seconds", str(seconds), "--output", out], check=True
        )
        wall = time.time() - wall
        found = json.loads(out.read_text())
    check(event, {int(m): slot for m, slot in found["schedule"].items()})
    told = found["difference"]
    moved = len(told["moved"]) / len(schedule)
    return {
        "event": f"{path.stem}, one desk drops out", "by": "yunqia", "weight": found["weight"],
        "weight_bound": found["weight_bound"], "breaks": found["breaks"], "breaks_bound": found["breaks_bound"],
        "optimal": found["optimal"], "kept": len(told["kept"]), "moved": len(told["moved"]),
        "cancelled": len(told["cancelled"]), "added": len(told["added"]), "moved_share": round(moved, 4),
        "wall": round(wall, 2), "searched": round(found["seconds"], 2),
    }  # fmt: skip


def slots_of(event, meeting):
    people = event["participants"]
    return sorted(set(people[meeting["a"]]["available"]) & set(people[meeting["b"]]["available"]))


def peer(name, path, seconds, held=None):
    """Runs one peer in a process of its own: HiGHS and OR-tools cannot be loaded together."""
    command = [sys.executable, __file__, "--peer", name, "--event", str(path), "--seconds", str(seconds)]
    told = json.dumps(sorted(held)) if held is not None else ""
    return json.loads(subprocess.run(command, check=True, input=told, text=True, stdout=subprocess.PIPE).stdout)


def highs(path, seconds):
    """The largest weight, by HiGHS on the model with a variable for each meeting and slot."""
    import highspy
    import numpy as np

    event = json.loads(path.read_text())
    people = event["participants"]
    rows, columns = {}, []

    def row(key, most):
        return rows.setdefault(key, (len(rows), most))[0]

    for i, m in enumerate(event["meetings"]):
        for t in slots_of(event, m):
            columns.append((m["weight"], [
                row(("once", i), 1), row(("diary", m["a"], t), 1), row(("diary", m["b"], t), 1),
                row(("max", m["a"]), people[m["a"]]["max"]), row(("max", m["b"]), people[m["b"]]["max"]),
                row(("rooms", t), event["rooms"][t]),
            ]))  # fmt: skip
    lp = highspy.HighsLp()
    lp.num_col_, lp.num_row_ = len(columns), len(rows)
    lp.col_cost_ = np.array([-float(weight) for weight, _ in columns])
    lp.col_lower_, lp.col_upper_ = np.zeros(len(columns)), np.ones(len(columns))
    lp.row_lower_ = np.full(len(rows), -highspy.kHighsInf)
    lp.row_upper_ = np.array([float(most) for _, most in rows.values()])
    lp.a_matrix_.format_ = highspy.MatrixFormat.kColwise
    lp.a_matrix_.start_ = np.arange(0, 6 * len(columns) + 1, 6)
    lp.a_matrix_.index_ = np.array([r for _, own in columns for r in own])
    lp.a_matrix_.value_ = np.ones(6 * len(columns))
    lp.integrality_ = [highspy.HighsVarType.kInteger] * len(columns)
    solver = highspy.Highs()
    solver.setOptionValue("output_flag", False)
    solver.setOptionValue("time_limit", float(seconds))
    solver.passModel(lp)
    cpu = time.process_time()
    solver.run()
    info = solver.getInfo()
    return {
        "event": path.stem, "by": "HiGHS", "weight": round(-info.objective_function_value),
        "weight_bound": int(-info.mip_dual_bound + 1e-6), "cpu": round(time.process_time() - cpu, 2),
        "optimal": solver.modelStatusToString(solver.getModelStatus()) == "Optimal",
    }  # fmt: skip


def cp_sat(path, seconds, held=None):
    """CP-SAT: weight before breaks at once, or with the meetings given (`held`) the breaks alone."""
    from ortools.sat.python import cp_model

    event = json.loads(path.read_text())
    slots = event["slots"]
    model = cp_model.CpModel()
    at = [[[] for _ in range(slots)] for _ in event["participants"]]
    rooms = [[] for _ in range(slots)]
    worth = []
    for i, m in enumerate(event["meetings"]):
        if held is not None and i not in held:
            continue
        own = []
        for t in slots_of(event, m):
            x = model.new_bool_var("")
            own.append(x)
            rooms[t].append(x)
            at[m["a"]][t].append(x)
            at[m["b"]][t].append(x)
            worth.append(m["weight"] * x)
        model.add_exactly_one(own) if held is not None else model.add_at_most_one(own)
    for t in range(slots):
        model.add(sum(rooms[t]) <= event["rooms"][t])
    gaps = []
    for p, diary in enumerate(at):
        for here in diary:
            model.add_at_most_one(here)
        model.add(sum(x for here in diary for x in here) <= event["participants"][p]["max"])
        busy = [sum(here) if here else 0 for here in diary]
        later = [model.new_bool_var("") for _ in range(slots)]
        for t in range(slots):
            if diary[t]:
                model.add(later[t] >= busy[t])
            if t + 1 < slots:
                model.add_implication(later[t + 1], later[t])
        for t in range(slots - 2):
            if diary[t]:
                gap = model.new_bool_var("")
                model.add(gap >= busy[t] - busy[t + 1] + later[t + 2] - 1)
                gaps.append(gap)
    objective = sum(gaps)
    if held is None:
        objective = objective - (len(gaps) + 1) * sum(worth)
    model.minimize(objective)
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 2
    cpu = time.process_time()
    status = solver.solve(model)
    line = {
        "event": path.stem, "by": "CP-SAT at once" if held is None else "CP-SAT in two steps",
        "cpu": round((time.process_time() - cpu) / 2, 2), "seconds": seconds,
        "optimal": status == cp_model.OPTIMAL,
    }  # fmt: skip
    if status in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        line["breaks"] = sum(solver.value(gap) for gap in gaps)
        line["weight"] = sum(solver.value(x) for x in worth)
    return line


def tell(lines, seconds):
    print(f"\nConditions: {platform.machine()}, {os.cpu_count()} cores, {platform.system()} {platform.release()}, "
          f"{seconds} s, 2 threads, load {os.getloadavg()[0]:.1f} at the end.\n")  # fmt: skip
    print("| event | by | weight | bound | breaks | at least | proven | weight after s | breaks after s | CPU s/thread |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for line in lines:
        cells = ["event", "by", "weight", "weight_bound", "breaks", "breaks_bound", "optimal", "weight_at", "breaks_at", "cpu"]
        print("| " + " | ".join(str(line.get(cell, "–")) for cell in cells) + " |")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--engine")
    parser.add_argument("--events", type=pathlib.Path)
    parser.add_argument("--published", type=pathlib.Path)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--peers", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--peer", choices=["highs", "cp-sat", "cp-sat-two-steps"], help="used by itself alone")
    parser.add_argument("--event", type=pathlib.Path)
    options = parser.parse_args()
    if options.peer == "highs":
        return print(json.dumps(highs(options.event, options.seconds)))
    if options.peer:
        held = set(json.load(sys.stdin)) if options.peer == "cp-sat-two-steps" else None
        return print(json.dumps(cp_sat(options.event, options.seconds, held)))
    lines, missed = [], 0

    def note(line):
        line.pop("schedule", None)
        lines.append(line)
        print(json.dumps(line), flush=True)

    for path in sorted(options.events.glob(f"*{options.only}*.json")):
        own = run(options.engine, path, options.seconds, 2)
        held = {int(m) for m in own["schedule"]}
        schedule = own["schedule"]
        note(own)
        note(repair(options.engine, path, schedule))
        if options.peers:
            note(peer("highs", path, 12 * options.seconds))
            note(peer("cp-sat", path, options.seconds))
            note(peer("cp-sat-two-steps", path, options.seconds, held))
    for path in sorted(options.published.glob(f"*{options.only}*.json")) if options.published else []:
        line = run(options.engine, path, 3 * options.seconds, 2)
        line["published"] = OPTIMA[path.stem]
        assert not line["optimal"] or line["breaks"] == OPTIMA[path.stem], f"{path.stem}: a wrong proof"
        missed += line["breaks"] > OPTIMA[path.stem]
        note(line)
    tell(lines, options.seconds)
    if options.published:
        print(f"\nPublished optimum missed on {missed} instances.")


if __name__ == "__main__":
    main()
