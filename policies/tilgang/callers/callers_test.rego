package tilgang.callers_test

import data.tilgang.callers

_question := {
	"caller": {"kind": "machine", "consumer": "987654321", "scopes": ["ks:fiks"]},
	"application": {"tilbyder": "987654321"},
}

_with(change) := object.union(_question, change)

_refused := [
	{"question": _with({"caller": {"kind": "person"}}), "reasons": ["caller_not_machine"]},
	{"question": _with({"caller": {"scopes": ["ks:fiks2", "KS:FIKS"]}}), "reasons": ["scope_missing"]},
	{"question": _with({"caller": {"kind": null, "scopes": "ks:fiks"}}), "reasons": ["caller_not_machine", "scope_missing"]},
	{"question": object.remove(_question, ["application"]), "reasons": ["application_unknown"]},
	{"question": _with({"caller": {"consumer": "910000000"}}), "reasons": ["caller_foreign"]},
	{"question": _with({"caller": {"consumer": "910000000", "scopes": []}}), "reasons": ["scope_missing", "caller_foreign"]},
	{"question": _with({"caller": {"consumer": null}, "application": {"tilbyder": null}}), "reasons": ["application_unknown"]},
	{"question": _with({"caller": {"consumer": ""}, "application": {"tilbyder": ""}}), "reasons": ["application_unknown"]},
	{"question": {}, "reasons": ["caller_not_machine", "scope_missing", "application_unknown"]},
	{"question": null, "reasons": ["caller_not_machine", "scope_missing", "application_unknown"]},
]

test_the_tilbyder_may_ask if {
	callers.allowed with input as _question
	callers.reasons == [] with input as _question
}

test_the_supplier_may_act_for_the_tilbyder if {
	callers.allowed with input as _with({"caller": {"supplier": "910000000"}})
}

test_a_refusal_tells_the_most_telling_reason_first if {
	every case in _refused {
		not callers.allowed with input as case.question
		callers.reasons == case.reasons with input as case.question
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
		reasons := {true: [], false: ["client_not_allowed"]}
		{true | callers.allowed with input as question} == {true | case.allowed}
		callers.reasons == reasons[case.allowed] with input as question
	}
}

test_a_foreign_caller_learns_nothing_of_the_clients if {
	question := _with({"caller": {"consumer": "910000000"}, "application": {"clients": {"ids": []}}})
	callers.reasons == ["caller_foreign"] with input as question
}
