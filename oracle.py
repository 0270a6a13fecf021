import json, sys
for line in sys.stdin:
    x = json.loads(line)["params"]["lr"]
    print(json.dumps({"columns": ["step", "seconds", "val.loss"],
                      "curve": [[k, k, abs(x - 0.3) + 1 / k] for k in range(1, 21)]}), flush=True)
