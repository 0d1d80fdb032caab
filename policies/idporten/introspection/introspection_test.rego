package idporten.introspection_test

import data.idporten.introspection

_now := "2026-11-27T12:00:00.000Z"

_in_an_hour := "2026-11-27T13:00:00.000Z"

_lets := "idporten:token.introspection"

_scope := {
	"owner": "910000000",
	"active": true,
	"accessibleForAll": false,
	"allowedIntegrationTypes": [],
	"requiresPseudonymousTokens": false,
	"tokenType": "SELF_CONTAINED",
}

_base := {
	"client": {"orgnr": "910000000", "active": true, "integrationType": "api_klient", "scopes": [_lets]},
	"token": {"scopes": ["openid", "a:b"], "audience": [], "pseudonymous": false, "round": 1},
	"person": {"blocked": false},
	"authorization": {"round": 1, "scopes": {"a:b": {"consented": true, "until": _in_an_hour}}},
	"scopes": {"a:b": _scope, _lets: object.union(_scope, {"owner": "930000000"})},
	"organisations": {orgnr: {"closed": false} | some orgnr in ["910000000", "920000000", "930000000", "940000000"]},
	"accesses": {"910000000": {_lets: {"state": "APPROVED"}}},
	"request": {},
	"context": {"time": _now},
}

_asked(changes) := answer if {
	answer := introspection.evaluate with input as object.union(_base, changes)
}

_reasons(changes) := _asked(changes).reasons

test_the_owner_of_a_scope_is_told if {
	_asked({}) == {"active": true, "person": true, "reasons": []}
}

test_without_an_instant_or_scopes_there_is_no_answer if {
	not _asked({"context": {"time": "noon"}})
	not _asked({"token": {"scopes": "a:b"}})
}

test_others_are_told_nothing if {
	_reasons({"client": {"orgnr": "920000000"}, "accesses": {"920000000": {_lets: {"state": "APPROVED"}}}}) == ["token_of_others"]
	_reasons({"token": {"scopes": ["openid"]}}) == ["token_of_others"]
	_reasons({"client": {"scopes": []}}) == ["scope_missing"]
	_reasons({"accesses": {"910000000": {_lets: {"state": "DENIED"}}}}) == ["scope_missing"]
	_reasons({"client": {"active": false}}) == ["client_inactive"]
	_asked({"client": {"active": false}}).person == false
}

test_an_audience_that_a_scope_enforces_is_the_tokens if {
	enforced := {"scopes": {"a:b": {"enforcedAudience": "urn:x"}}}
	_reasons(enforced) == ["token_of_others"]
	_reasons(object.union(enforced, {"token": {"audience": ["urn:x"]}})) == []
}

test_what_was_withdrawn_has_ended if {
	ended := ["authorization_ended"]
	_reasons({"authorization": {"withdrawn": true}}) == ended
	_reasons({"authorization": {"round": 2}}) == ended
	_reasons({"authorization": {"scopes": {"a:b": {"until": _now}}}}) == ended
	_reasons({"authorization": {"scopes": {"a:b": {"until": "never"}}}}) == ended
	_reasons({"token": {"scopes": ["a:b", "a:c"]}}) == ended
}

test_whose_a_pseudonymous_token_is if {
	pseudonymous := {"token": {"pseudonymous": true}}
	_asked(pseudonymous) == {"active": true, "person": false, "reasons": []}
	_asked(object.union(pseudonymous, {"scopes": {"a:b": {"requiresPseudonymousTokens": true}}})).person == true
	_asked(object.union(pseudonymous, {"scopes": {"a:b": {"tokenType": "OPAQUE"}}})).person == true
}

test_of_who_is_blocked_no_token_is_active if {
	_reasons({"person": {"blocked": true}}) == ["person_blocked"]
	_reasons({"person": {"blocked": null}}) == ["person_blocked"]
	_asked({"person": {"blocked": true}}).person == false
}
