from tests.api.leave import *
from tests.api.leave import acme, connected, leave_sandboxes
from local.seed import SEEDS

def test_seed(acme):
    acme.put("attache", SEEDS["attache"]())
    acme.put("express_leave", SEEDS["express_leave"]())
    answer = acme.connect()
    print(answer.json)
    (run,) = [acme.run(answer.json["run_id"])]
    print(run)
    for name, rec in acme.records(run).items():
        print(rec["outcome"], name, rec["reason"]["code"] if rec["reason"] else "", rec["changes"][:3])
    acme.forget_requests()
    run = acme.sync()
    print(run["counts"], run["error"], acme.writes())
    for c in acme.checks(): print(c)
    print(acme.checks("E1014"))
    print(acme.syncs())
