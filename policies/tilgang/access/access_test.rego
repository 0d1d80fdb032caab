package tilgang.access_test

import data.tilgang.access

_question := {
	"caller": {"kind": "machine", "consumer": "987654321", "scopes": ["ks:fiks"]},
	"application": {"id": "a", "tilbyder": "987654321", "state": "active", "roles": ["use"]},
	"subject": {"type": "person", "id": "p"},
	"action": {"name": "use"},
	"resource": {"type": "organisation", "id": "910000000"},
	"grants": [{"konsument": "910000000", "roles": ["use"], "activated": true, "mayBeKonsument": true}],
	"context": {"time": "2026-11-21T12:00:00.000Z"},
}

_with(change) := object.union(_question, change)

_caller_cases := [
	{"question": _with({"caller": {"kind": "person"}}), "reasons": ["caller_not_machine"]},
	{"question": _with({"caller": {"scopes": ["ks:fiks2", "KS:FIKS"]}}), "reasons": ["scope_missing"]},
	{"question": object.remove(_question, ["application"]), "reasons": ["application_unknown"]},
	{"question": _with({"caller": {"consumer": "910000000"}}), "reasons": ["caller_foreign"]},
	{"question": _with({"caller": {"consumer": null}, "application": {"tilbyder": null}}), "reasons": ["application_unknown"]},
]

test_a_grant_is_found_and_granted if {
	access.search == {"allowed": true, "reasons": [], "organisations": ["910000000"]} with input as _question
	access.evaluate == {"allowed": true, "reasons": ["granted"]} with input as _question
}

test_the_supplier_may_act_for_the_tilbyder if {
	access.evaluate.allowed with input as _with({"caller": {"supplier": "910000000"}})
}

test_a_faulty_caller_learns_nothing if {
	every case in _caller_cases {
		access.search == {"allowed": false, "reasons": case.reasons, "organisations": []} with input as case.question
		access.evaluate == {"allowed": false, "reasons": case.reasons} with input as case.question
	}
}

test_an_application_may_limit_its_clients if {
	cases := [
		{"clients": {}, "caller": {}, "allowed": true},
		{"clients": {"ids": ["c"]}, "caller": {"clientId": "c"}, "allowed": true},
		{"clients": {"ids": ["c"], "suppliers": ["910000000"]}, "caller": {"clientId": "c", "supplier": "910000000"}, "allowed": true},
		{"clients": {"suppliers": ["910000000"]}, "caller": {}, "allowed": true},
		{"clients": {"ids": ["c"]}, "caller": {"clientId": "d"}, "allowed": false},
		{"clients": {"ids": ["c"]}, "caller": {}, "allowed": false},
		{"clients": {"ids": []}, "caller": {"clientId": "c"}, "allowed": false},
		{"clients": {"ids": null}, "caller": {"clientId": "c"}, "allowed": false},
		{"clients": {"suppliers": ["910000000"]}, "caller": {"supplier": "910000001"}, "allowed": false},
		{"clients": {"suppliers": ["910000000"]}, "caller": {"supplier": null}, "allowed": false},
		{"clients": {"suppliers": 5}, "caller": {"supplier": "910000000"}, "allowed": false},
		{"clients": {"ids": ["c"], "suppliers": []}, "caller": {"clientId": "c", "supplier": "910000000"}, "allowed": false},
		{"clients": null, "caller": {"clientId": "c"}, "allowed": false},
		{"clients": [], "caller": {"clientId": "c"}, "allowed": false},
	]
	every case in cases {
		question := _with({"application": {"clients": case.clients}, "caller": case.caller})
		reasons := {true: ["granted"], false: ["client_not_allowed"]}
		access.evaluate == {"allowed": case.allowed, "reasons": reasons[case.allowed]} with input as question
		access.search.allowed == case.allowed with input as question
	}
}

test_a_foreign_caller_learns_nothing_of_the_clients if {
	question := _with({"caller": {"consumer": "910000000"}, "application": {"clients": {"ids": []}}})
	access.evaluate.reasons == ["caller_foreign"] with input as question
}

test_reasons_of_a_denial if {
	cases := [
		{"change": {"grants": []}, "reasons": ["grant_missing"]},
		{"change": {"application": {"state": "draft"}}, "reasons": ["application_not_active"]},
		{"change": {"application": {"state": "retired"}}, "reasons": ["application_not_active"]},
		{"change": {"action": {"name": "admin"}}, "reasons": ["role_missing"]},
		{"change": {"context": {"time": "2026-11-21T12:00:00.000Z"}, "resource": {"id": "910000001"}}, "reasons": ["grant_missing"]},
	]
	every case in cases {
		access.evaluate == {"allowed": false, "reasons": case.reasons} with input as _with(case.change)
	}
}

test_an_application_not_in_use_reaches_nobody if {
	every state in ["draft", "retired"] {
		expected := {"allowed": true, "reasons": [], "organisations": []}
		access.search == expected with input as _with({"application": {"state": state}})
	}
}

test_without_an_instant_there_is_no_answer if {
	every time in [null, "", "2026-11-21", 0] {
		not access.search with input as _with({"context": {"time": time}})
		not access.evaluate with input as _with({"context": {"time": time}})
	}
}
