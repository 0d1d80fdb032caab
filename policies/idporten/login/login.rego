# METADATA
# title: Which scopes a client has for a person who logs in
# description: |
#   One question over one input document (schemas/idporten-login-input.json), asked before a person is let on to the client, after a consent page has been answered,
#   and whenever tokens are made anew. The provider's access to the organisation comes first in all of it (maskinporten/obtaining); then the scope says whether
#   the log-in carries it or the person must say yes. A refused scope is missing from the token; the log-in goes on.
# schemas:
#   - input: schema["idporten-login-input"]
package idporten.login

import data.maskinporten.obtaining
import data.tilgang.grants

# METADATA
# title: What is given, what is asked for, and what is refused?
# description: |
#   faults concern the client as a whole, and nothing is given then. Each given scope says by what: plain (OpenID Connect's own), login, consent (said now) or
#   earlier (what was given before still stands), and for how many seconds. token says what tokens with the given scopes are like. Without an instant in
#   context.time there is no answer.
# entrypoint: true
evaluate := {
	"faults": [],
	"granted": _granted,
	"ask": _ask,
	"refused": _refused,
	"reauthenticate": _reauthenticate,
	"token": _token,
} if {
	_answerable
	count(_faults) == 0
} else := {
	"faults": _faults,
	"granted": [],
	"ask": [],
	"refused": [],
	"reauthenticate": false,
	"token": null,
} if {
	_answerable
}

_answerable if {
	grants.is_instant(input.context.time)
	is_array(input.request.scopes)
	input.request.use in {"login", "code", "refresh"}
}

# What was given at the log-in, and must still stand when tokens are made of it.
_makes_tokens if input.request.use in {"code", "refresh"}

# The client, and on whose behalf it says that it acts: the most telling one.

_faults := ["client_inactive"] if {
	not obtaining.is_active_client
} else := ["person_blocked"] if {
	input.login.brukerId
	not _is_free
} else := ["grant_type_missing"] if {
	not _has_grant_type
} else := ["onbehalfof_not_combinable"] if {
	obtaining.has_supplier
	input.request.onBehalfOf
} else := ["onbehalfof_unknown"] if {
	input.request.onBehalfOf
	not input.onBehalfOf.orgnr
} else := ["audience_not_allowed"] if {
	obtaining.is_audience_unfit(_possible)
} else := []

# Whoever has blocked a person wants nobody to come in its name.
_is_free if input.login.blocked == false

_has_grant_type if _grant_type in input.client.grantTypes

_grant_type := "refresh_token" if {
	input.request.use == "refresh"
} else := "authorization_code"

# What stands in the way of a scope whatever the person says.

_plain := {"openid", "profile"}

_obstacle(name) := "scope_not_registered" if {
	name in _plain
	not _has_plain(name)
} else := "" if {
	name in _plain
} else := "scope_not_registered" if {
	not obtaining.is_registered(name)
} else := "scope_of_other_type" if {
	not obtaining.takes_type(input.scopes[name])
} else := "scope_only_delegated" if {
	obtaining.is_only_delegated(input.scopes[name])
} else := "scope_not_granted" if {
	not obtaining.is_granted(name)
} else := "scope_not_delegated" if {
	not obtaining.is_delegated(name)
} else := ""

_has_plain(name) if name in input.client.scopes

_possible := [name | some name in input.request.scopes; _obstacle(name) == ""]

# By what a possible scope is given.

_basis(name) := "plain" if {
	name in _plain
} else := "earlier" if {
	_makes_tokens
	input.authorization.round == input.request.round
	_stands(name)
} else := "refused" if {
	_makes_tokens
} else := "login" if {
	input.scopes[name].requiresUserConsent == false
} else := "consent" if {
	name in input.request.answered
} else := "earlier" if {
	not "consent" in input.request.prompt
	input.authorization.scopes[name].consented == true
	_stands(name)
} else := "refused" if {
	input.request.answered
} else := "ask"

# What was given before, and has neither been withdrawn nor ended.
_stands(name) if {
	not input.authorization.withdrawn
	until := input.authorization.scopes[name].until
	grants.is_instant(until)
	input.context.time < until
}

_granted := [{"scope": name, "basis": basis, "lasts": _lasts(name, basis)} |
	some name in _possible
	basis := _basis(name)
	not basis in {"ask", "refused"}
]

_ask := [{"scope": name, "lasts": _lasts(name, "consent")} |
	some name in _possible
	_basis(name) == "ask"
]

_refused := array.concat(
	[{"scope": name, "reason": obstacle} |
		some name in input.request.scopes
		obstacle := _obstacle(name)
		obstacle != ""
	],
	[{"scope": name, "reason": _reason} |
		some name in _possible
		_basis(name) == "refused"
	],
)

_reason := "consent_refused" if {
	input.request.use == "login"
} else := "authorization_ended"

# For how long: what was given before is not prolonged by being used.

_lasts(_, "plain") := input.client.authorizationLifetime

_lasts(name, "earlier") := input.authorization.scopes[name].secondsLeft

_lasts(name, basis) := min({input.client.authorizationLifetime, most}) if {
	basis in {"consent", "login"}
	most := input.scopes[name].authorizationMaxLifetime
	most > 0
} else := input.client.authorizationLifetime if {
	basis in {"consent", "login"}
}

# A scope may ask that the person shows anew who it is, though still logged in elsewhere.
_reauthenticate if {
	input.request.use == "login"
	not input.login.fresh == true
	some name in _possible
	input.scopes[name].requiresUserAuthentication == true
	not _basis(name) == "refused"
} else := false

# What tokens with the given scopes are like.

_names := [scope.scope | some scope in _granted]

_token := {
	"consumer": obtaining.consumer,
	"supplier": obtaining.supplier,
	"delegationSource": obtaining.delegation_source(_names),
	"audience": obtaining.audience(_names),
	"opaque": _opaque,
	"pseudonymous": _pseudonymous,
	"accessLifetime": min({obtaining.lifetime(_names), _authorization_lifetime}),
	"refreshLifetime": min({input.client.refreshTokenLifetime, _authorization_lifetime}),
	"authorizationLifetime": _authorization_lifetime,
}

_authorization_lifetime := min({lasts | some scope in _granted; lasts := scope.lasts} | {input.client.authorizationLifetime})

_opaque if {
	some name in _names
	input.scopes[name].tokenType == "OPAQUE"
} else := false

# Without OpenID Connect the client asks for no person, and the token tells it of none.
_pseudonymous if {
	some name in _names
	input.scopes[name].requiresPseudonymousTokens == true
} else if {
	_opaque
	not "openid" in _names
} else := false
