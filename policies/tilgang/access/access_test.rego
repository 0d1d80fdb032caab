package tilgang.access_test

import data.tilgang.access

_question := {
	"application": {"state": "active", "roles": ["use"]},
	"action": {"name": "use"},
	"resource": {"type": "organisation", "id": "910000000"},
	"grants": [{"konsument": "910000000", "roles": ["use"], "activated": true, "mayBeKonsument": true}],
	"context": {"time": "2026-11-21T12:00:00.000Z"},
}

_with(change) := object.union(_question, change)

_asked := {
	"caller": {"kind": "machine", "consumer": "987654321", "scopes": ["ks:fiks"]},
	"application": {"tilbyder": "987654321"},
}

test_the_tilbyder_may_ask if {
	access.may_ask == {"allowed": true, "reasons": []} with input as _asked
}

test_others_may_not_ask_and_are_told_why if {
	question := object.union(_asked, {"caller": {"consumer": "910000000", "scopes": []}})
	access.may_ask == {"allowed": false, "reasons": ["scope_missing", "caller_foreign"]} with input as question
}

test_a_grant_is_found_and_granted if {
	access.search == ["910000000"] with input as _question
	access.evaluate == {"allowed": true, "reasons": ["granted"]} with input as _question
}

test_organisations_come_in_the_order_of_the_grants if {
	grants := [object.union(_question.grants[0], {"konsument": id}) | some id in ["910000002", "910000000", "910000001"]]
	access.search == ["910000002", "910000000", "910000001"] with input as _with({"grants": grants})
}

test_reasons_of_a_denial if {
	cases := [
		{"change": {"grants": []}, "reasons": ["grant_missing"]},
		{"change": {"application": {"state": "draft"}}, "reasons": ["application_not_active"]},
		{"change": {"application": {"state": "retired"}}, "reasons": ["application_not_active"]},
		{"change": {"application": {"state": null, "roles": "use"}}, "reasons": ["application_not_active", "role_missing"]},
		{"change": {"action": {"name": "admin"}}, "reasons": ["role_missing"]},
		{"change": {"resource": {"id": "910000001"}}, "reasons": ["grant_missing"]},
	]
	every case in cases {
		access.evaluate == {"allowed": false, "reasons": case.reasons} with input as _with(case.change)
	}
}

test_what_is_missing_of_the_organisation_is_a_reason_with_and_without_a_grant if {
	resource := {"id": "910000001", "activated": false, "mayBeKonsument": false}
	faults := ["application_not_activated", "grant_missing", "organisation_not_konsument"]
	access.evaluate == {"allowed": false, "reasons": faults} with input as _with({"resource": resource})
	access.evaluate.reasons == ["grant_missing"] with input as _with({"resource": {"id": "910000001", "activated": true, "mayBeKonsument": true}})
	expired := object.union(_question.grants[0], {"konsument": "910000001", "until": "2026-11-21T12:00:00.000Z", "activated": false})
	reasons := ["application_not_activated", "grant_expired", "organisation_not_konsument"]
	access.evaluate.reasons == reasons with input as _with({"resource": resource, "grants": [expired]})
}

test_without_an_organisation_no_grant_counts if {
	access.evaluate == {"allowed": false, "reasons": ["grant_missing"]} with input as object.remove(_question, ["resource"])
}

test_an_application_not_in_use_reaches_nobody if {
	every application in [{"state": "draft"}, {"state": "retired"}, {"state": null}, {"roles": ["admin"]}, {"roles": "use"}, {"roles": null}] {
		access.search == [] with input as _with({"application": application})
	}
	access.search == [] with input as object.remove(_question, ["application"])
}

test_without_an_instant_there_is_no_answer if {
	every time in [null, "", "2026-11-21", 0] {
		not access.search with input as _with({"context": {"time": time}})
		not access.evaluate with input as _with({"context": {"time": time}})
	}
}

test_without_a_list_of_grants_there_is_no_answer if {
	every grants in [null, "", 0, false, "910000000"] {
		not access.search with input as _with({"grants": grants})
		not access.evaluate with input as _with({"grants": grants})
	}
	not access.search with input as object.remove(_question, ["grants"])
	not access.evaluate with input as object.remove(_question, ["grants"])
}
