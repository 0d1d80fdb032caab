package idporten.login_test

import data.idporten.login

_now := "2026-11-27T12:00:00.000Z"

_in_an_hour := "2026-11-27T13:00:00.000Z"

_client := {
	"orgnr": "910000000",
	"active": true,
	"integrationType": "api_klient",
	"grantTypes": ["authorization_code", "refresh_token"],
	"scopes": ["openid", "profile", "a:free", "a:asked"],
	"accessTokenLifetime": 120,
	"refreshTokenLifetime": 600,
	"authorizationLifetime": 7200,
}

_scope := {
	"active": true,
	"accessibleForAll": false,
	"allowedIntegrationTypes": [],
	"requiresUserConsent": false,
	"requiresUserAuthentication": false,
	"requiresPseudonymousTokens": false,
	"tokenType": "SELF_CONTAINED",
	"atMaxAge": 0,
	"authorizationMaxLifetime": 0,
}

_access := {"state": "APPROVED"}

_base := {
	"client": _client,
	"request": {"use": "login", "scopes": ["openid", "a:free", "a:asked"], "resource": [], "prompt": []},
	"login": {"fresh": true},
	"scopes": {"a:free": _scope, "a:asked": object.union(_scope, {"requiresUserConsent": true})},
	"organisations": {orgnr: {"closed": false} | some orgnr in ["910000000", "920000000", "930000000", "940000000"]},
	"accesses": {"910000000": {"a:free": _access, "a:asked": _access}},
	"delegations": {},
	"context": {"time": _now},
}

_asked(changes) := answer if {
	answer := login.evaluate with input as object.union(_base, changes)
}

_granted(changes) := {scope.scope: scope.basis | some scope in _asked(changes).granted}

_refused(changes) := {scope.scope: scope.reason | some scope in _asked(changes).refused}

_asks(changes) := [scope.scope | some scope in _asked(changes).ask]

_given := {"authorization": {"round": 1, "scopes": {
	"a:free": {"consented": false, "until": _in_an_hour, "secondsLeft": 3600},
	"a:asked": {"consented": true, "until": _in_an_hour, "secondsLeft": 3600},
}}}

_refresh := {"request": {"use": "refresh", "round": 1}}

test_what_the_log_in_carries_is_given_and_what_needs_a_yes_is_asked_for if {
	_granted({}) == {"openid": "plain", "a:free": "login"}
	_asked({}).ask == [{"scope": "a:asked", "lasts": 7200}]
	_refused({}) == {}
	_asked({}).faults == []
}

test_without_an_instant_scopes_or_use_there_is_no_answer if {
	not _asked({"context": {"time": "noon"}})
	not _asked({"request": {"scopes": "openid"}})
	not _asked({"request": {"use": "other"}})
}

test_a_yes_gives_and_a_no_leaves_the_rest if {
	yes := {"request": {"answered": ["a:asked"]}}
	_granted(yes)["a:asked"] == "consent"
	_asks(yes) == []
	no := {"request": {"answered": []}}
	_granted(no) == {"openid": "plain", "a:free": "login"}
	_refused(no) == {"a:asked": "consent_refused"}
}

test_what_was_said_before_is_not_asked_again if {
	_granted(_given)["a:asked"] == "earlier"
	_asks(_given) == []
	again := object.union(_given, {"request": {"prompt": ["login", "consent"]}})
	_asks(again) == ["a:asked"]
	_refused(object.union(again, {"request": {"prompt": ["consent"], "answered": []}})) == {"a:asked": "consent_refused"}
}

test_an_earlier_yes_that_has_ended_or_was_none_is_asked_again if {
	_asks(object.union(_given, {"authorization": {"withdrawn": true}})) == ["a:asked"]
	_asks(object.union(_given, {"authorization": {"scopes": {"a:asked": {"until": _now}}}})) == ["a:asked"]
	_asks(object.union(_given, {"authorization": {"scopes": {"a:asked": {"until": "never"}}}})) == ["a:asked"]
	_asks(object.union(_given, {"authorization": {"scopes": {"a:asked": {"consented": false}}}})) == ["a:asked"]
}

test_the_providers_access_comes_before_any_yes if {
	yes := {"request": {"answered": ["a:asked"]}}
	denied := object.union(yes, {"accesses": {"910000000": {"a:asked": {"state": "DENIED"}}}})
	_refused(denied) == {"a:asked": "scope_not_granted"}
	_refused({"accesses": {"910000000": {"a:free": {"state": "REQUESTED"}}}}) == {"a:free": "scope_not_granted"}
	_refused(object.union(_given, {"accesses": {"910000000": {"a:asked": {"until": _now}}}})) == {"a:asked": "scope_not_granted"}
}

test_what_stands_in_the_way_of_a_scope if {
	_refused({"client": {"scopes": ["a:free", "a:asked"]}}) == {"openid": "scope_not_registered"}
	_refused({"client": {"scopes": ["openid", "a:asked"]}}) == {"a:free": "scope_not_registered"}
	_refused({"scopes": {"a:free": {"active": false}}}) == {"a:free": "scope_not_registered"}
	_refused({"request": {"scopes": ["a:none"]}}) == {"a:none": "scope_not_registered"}
	_refused({"scopes": {"a:free": {"allowedIntegrationTypes": ["maskinporten"]}}}) == {"a:free": "scope_of_other_type"}
}

test_a_client_that_a_supplier_made_needs_a_delegation if {
	supplied := {"client": {"supplier": "920000000"}, "scopes": {
		"a:free": {"delegationSource": "own"},
		"a:asked": {"delegationSource": "own"},
	}}
	_refused(supplied) == {"a:asked": "scope_not_delegated", "a:free": "scope_not_delegated"}
	delegated := object.union(supplied, {"delegations": {"a:free": {"source": "own"}}})
	_granted(delegated)["a:free"] == "login"
	_asked(delegated).token.consumer == "910000000"
	_asked(delegated).token.supplier == "920000000"
	_asked(delegated).token.delegationSource == "own"
}

test_on_behalf_of if {
	behalf := {"request": {"onBehalfOf": true}, "onBehalfOf": {"orgnr": "930000000"}}
	_asked(behalf).token.consumer == "930000000"
	_asked(behalf).token.supplier == "910000000"
	_refused(object.union(behalf, {"scopes": {"a:free": {"delegationSource": "own"}}})) == {"a:free": "scope_only_delegated"}
	_asked({"request": {"onBehalfOf": true}}).faults == ["onbehalfof_unknown"]
	_asked(object.union(behalf, {"client": {"supplier": "920000000"}})).faults == ["onbehalfof_not_combinable"]
}

test_the_client_as_a_whole if {
	_asked({"client": {"active": false}}) == {
		"faults": ["client_inactive"],
		"granted": [],
		"ask": [],
		"refused": [],
		"reauthenticate": false,
		"token": null,
	}
	_asked({"client": {"grantTypes": ["refresh_token"]}}).faults == ["grant_type_missing"]
	_asked(object.union(_refresh, {"client": {"grantTypes": ["authorization_code"]}})).faults == ["grant_type_missing"]
	_asked({"client": {"grantTypes": null}}).faults == ["grant_type_missing"]
	without := login.evaluate with input as object.union(object.remove(_base, ["client"]), {"client": object.remove(_client, ["grantTypes"])})
	without.faults == ["grant_type_missing"]
	unfit := {"scopes": {"a:free": {"enforcedAudience": "urn:x"}, "a:asked": {"enforcedAudience": "urn:y"}}}
	_asked(unfit).faults == ["audience_not_allowed"]
}

test_tokens_are_made_anew_from_what_stands if {
	renewed := object.union(_refresh, _given)
	_granted(renewed) == {"openid": "plain", "a:free": "earlier", "a:asked": "earlier"}
	_asked(renewed).token.authorizationLifetime == 3600
	ended := {"a:free": "authorization_ended", "a:asked": "authorization_ended"}
	_refused(_refresh) == ended
	_refused(object.union(renewed, {"authorization": {"withdrawn": true}})) == ended
	_refused(object.union(renewed, {"authorization": {"round": 2}})) == ended
	_refused(object.union(renewed, {"authorization": {"scopes": {"a:free": {"until": _now}}}})) == {"a:free": "authorization_ended"}
	_refused(object.union(renewed, {"accesses": {"910000000": {"a:free": {"state": "DENIED"}}}})) == {"a:free": "scope_not_granted"}
}

test_a_scope_may_ask_for_a_log_in_of_its_own if {
	strict := {"scopes": {"a:asked": {"requiresUserAuthentication": true}}}
	_asked(strict).reauthenticate == false
	stale := object.union(strict, {"login": {"fresh": false}})
	_asked(stale).reauthenticate == true
	_asked(object.union(stale, {"request": {"answered": []}})).reauthenticate == false
	_asked(object.union(stale, object.union(_refresh, _given))).reauthenticate == false
	_asked({"login": {"fresh": false}}).reauthenticate == false
}

test_lifetimes if {
	_asked({}).token.authorizationLifetime == 7200
	_asked({}).token.accessLifetime == 120
	_asked({}).token.refreshLifetime == 600
	short := {"scopes": {"a:free": {"authorizationMaxLifetime": 100}}}
	_asked(short).token.authorizationLifetime == 100
	_asked(short).token.accessLifetime == 100
	_asked(short).token.refreshLifetime == 100
	_asked({"scopes": {"a:free": {"authorizationMaxLifetime": 90000}}}).token.authorizationLifetime == 7200
	_asked({"scopes": {"a:free": {"atMaxAge": 30}}}).token.accessLifetime == 30
	_asked({"scopes": {"a:asked": {"authorizationMaxLifetime": 60}}}).ask[0].lasts == 60
	_asked(_given).token.authorizationLifetime == 3600
}

test_what_the_token_is_like if {
	_asked({}).token.audience == []
	_asked({"request": {"resource": ["urn:z"]}}).token.audience == ["urn:z"]
	_asked({"scopes": {"a:free": {"enforcedAudience": "urn:x"}}}).token.audience == ["urn:x"]
	_asked({}).token.opaque == false
	_asked({}).token.pseudonymous == false
	opaque := {"scopes": {"a:free": {"tokenType": "OPAQUE"}}}
	_asked(opaque).token.opaque == true
	_asked(opaque).token.pseudonymous == false
	_asked(object.union(opaque, {"request": {"scopes": ["a:free"]}})).token.pseudonymous == true
	_asked({"scopes": {"a:free": {"requiresPseudonymousTokens": true}}}).token.pseudonymous == true

	# What is not given yet makes no token other.
	_asked({"scopes": {"a:asked": {"tokenType": "OPAQUE", "requiresPseudonymousTokens": true}}}).token.opaque == false
}

test_who_is_blocked_has_nothing if {
	every use in ["login", "code", "refresh"] {
		_asked({"login": {"brukerId": "p", "blocked": true}, "request": {"use": use, "round": 1}}).faults == ["person_blocked"]
		_asked({"login": {"brukerId": "p"}, "request": {"use": use, "round": 1}}).faults == ["person_blocked"]
		_asked({"login": {"brukerId": "p", "blocked": false}, "request": {"use": use, "round": 1}}).faults == []
	}
}

test_by_a_code_only_what_still_stands_is_had if {
	code := {"request": {"use": "code", "round": 1}}
	_granted(object.union(code, _given)) == {"openid": "plain", "a:free": "earlier", "a:asked": "earlier"}
	_granted(object.union(object.union(code, _given), {"accesses": {"910000000": {"a:free": {"state": "DENIED"}}}})) == {"openid": "plain", "a:asked": "earlier"}
	_granted(object.union(code, {"request": {"use": "code", "round": 2}})) == {"openid": "plain"}
	_asked(object.union(code, {"organisations": {"910000000": {"closed": true}}})).faults == ["client_inactive"]
	_asked(object.union(code, {"client": {"grantTypes": ["authorization_code"]}})).faults == []
}
