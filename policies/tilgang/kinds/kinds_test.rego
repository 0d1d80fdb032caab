package tilgang.kinds_test

import data.tilgang.kinds

machine := {"kind": "machine", "consumer": "910000000", "clientId": "client", "scopes": ["ks:fiks"]}

reasons(caller, callers) := slugs if {
	slugs := kinds.may_ask.reasons with input as {"caller": caller, "kinds": callers}
}

test_a_machine_with_the_scope_may_ask if {
	{"allowed": true, "reasons": []} == kinds.may_ask with input as {"caller": machine, "kinds": {}}
	reasons(machine, {"callers": ["910000000"]}) == []
}

test_others_may_not if {
	reasons({"kind": "person", "clientId": "client", "scopes": ["ks:fiks"]}, {}) == ["caller_not_machine"]
	reasons(object.union(machine, {"scopes": ["ks:fiks.konsument"]}), {}) == ["scope_missing"]
	reasons(machine, {"callers": ["910000001"]}) == ["caller_foreign"]
	reasons(machine, {"callers": []}) == ["caller_foreign"]
	kinds.may_ask.reasons == ["kinds_unknown"] with input as {"caller": machine}
	reasons({}, {"callers": []}) == ["caller_not_machine", "scope_missing", "caller_foreign"]
}
