package maskinporten.clients_test

import data.maskinporten.clients

_here := "910000000"

_there := "910000001"

_now := "2026-11-27T12:00:00.000Z"

_scope := {
	"owner": _there,
	"active": true,
	"visibility": "PUBLIC",
	"accessibleForAll": false,
	"allowedIntegrationTypes": [],
	"ofProduct": false,
}

_granted := {"state": "APPROVED"}

_asked(scope, access) := {
	"organisation": _here,
	"integrationType": "maskinporten",
	"simple": false,
	"scopes": [{"name": "fhi:a", "scope": scope, "access": access}],
	"context": {"time": _now},
}

_reason(scope, access) := reason if {
	answer := clients.evaluate with input as _asked(scope, access)
	{true | answer.allowed} == {true | answer.faults == []}
	reason := concat(" ", [fault.reason | some fault in answer.faults])
}

_with(change) := object.union(_scope, change)

test_what_a_client_may_be_registered_with if {
	cases := [
		{"scope": _scope, "access": _granted, "reason": ""},
		{"scope": _scope, "access": null, "reason": "scope_not_granted"},
		{"scope": _scope, "access": {"state": "DENIED"}, "reason": "scope_not_granted"},
		{"scope": _scope, "access": {"state": "approved"}, "reason": "scope_not_granted"},
		{"scope": _scope, "access": {"state": "APPROVED", "until": _now}, "reason": "scope_not_granted"},
		{"scope": _scope, "access": {"state": "APPROVED", "until": null}, "reason": "scope_not_granted"},
		{"scope": _scope, "access": {"state": "APPROVED", "until": "2026-11-27T12:00:00.001Z"}, "reason": ""},
		{"scope": _with({"accessibleForAll": true}), "access": null, "reason": ""},
		{"scope": _with({"accessibleForAll": "true"}), "access": null, "reason": "scope_not_granted"},
		{"scope": _with({"delegationSource": "https://www.altinn.no"}), "access": null, "reason": ""},
		{"scope": _with({"active": false}), "access": _granted, "reason": "scope_inactive"},
		{"scope": _with({"active": null}), "access": _granted, "reason": "scope_inactive"},
		{"scope": _with({"allowedIntegrationTypes": ["krr", "maskinporten"]}), "access": _granted, "reason": ""},
		{"scope": _with({"allowedIntegrationTypes": ["idporten"]}), "access": _granted, "reason": "scope_of_other_type"},
		{"scope": _with({"allowedIntegrationTypes": null}), "access": _granted, "reason": "scope_of_other_type"},
	]
	every case in cases {
		_reason(case.scope, case.access) == case.reason
	}
}

test_the_simple_way_gives_no_client_that_administers if {
	every case in [
		{"simple": true, "ofProduct": true, "reasons": ["scope_administers"]},
		{"simple": true, "ofProduct": null, "reasons": ["scope_administers"]},
		{"simple": null, "ofProduct": true, "reasons": ["scope_administers"]},
		{"simple": true, "ofProduct": false, "reasons": []},
		{"simple": false, "ofProduct": true, "reasons": []},
	] {
		asked := object.union(_asked(_with({"ofProduct": case.ofProduct}), _granted), {"simple": case.simple})
		answer := clients.evaluate with input as asked
		[fault.reason | some fault in answer.faults] == case.reasons
	}
}

test_threat_27_what_one_may_not_know_of_is_not_there if {
	every visibility in ["PRIVATE", "INTERNAL", null] {
		hidden := _with({"visibility": visibility})
		every scope in [null, 5, hidden, object.union(hidden, {"active": false}), object.union(hidden, {"allowedIntegrationTypes": ["krr"]})] {
			_reason(scope, null) == "scope_unknown"
			_reason(scope, {"state": "DENIED"}) == "scope_unknown"
		}
		_reason(hidden, _granted) == ""
		_reason(object.union(hidden, {"owner": _here}), null) == "scope_not_granted"
	}
	_reason(null, _granted) == "scope_unknown"
}

test_threat_28_each_scope_is_judged_and_named_by_its_place if {
	question := object.union(_asked(_scope, _granted), {"scopes": [
		{"name": "fhi:a", "scope": _scope, "access": _granted},
		{"name": "fhi:b", "scope": null, "access": null},
		{"name": "fhi:c", "scope": _scope, "access": null},
	]})
	clients.evaluate == {
		"allowed": false,
		"faults": [{"index": 1, "reason": "scope_unknown"}, {"index": 2, "reason": "scope_not_granted"}],
	} with input as question
	clients.evaluate == {"allowed": true, "faults": []} with input as object.union(question, {"scopes": []})
}

test_an_odd_question_has_no_answer if {
	not clients.evaluate with input as object.union(_asked(_scope, _granted), {"context": {"time": "now"}})
	not clients.evaluate with input as object.union(_asked(_scope, _granted), {"scopes": null})
}
