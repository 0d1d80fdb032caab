# METADATA
# title: Who is told about a token, and what
# description: |
#   One question over one input document (schemas/idporten-introspection-input.json), asked once a client has shown who it is and its token is known to be one of
#   ours, unexpired. Whoever may not be told hears what is heard of a token that has ended. client is who asks, as maskinporten/obtaining reads it.
# schemas:
#   - input: schema["idporten-introspection-input"]
package idporten.introspection

import data.maskinporten.obtaining
import data.tilgang.grants

# METADATA
# title: Is the token told as active, and is it told whose it is?
# description: reasons say why it is not, for the log alone. Without an instant in context.time there is no answer.
# entrypoint: true
evaluate := {
	"active": count(_reasons) == 0,
	"person": _tells_person,
	"reasons": sort(_reasons),
} if {
	grants.is_instant(input.context.time)
	is_array(input.token.scopes)
}

_scope := "idporten:token.introspection"

_reasons contains "client_inactive" if not obtaining.is_active_client

_reasons contains "scope_missing" if not _may_introspect

_reasons contains "token_of_others" if count(_owned) == 0

_reasons contains "person_blocked" if not _is_free

_is_free if input.person.blocked == false

_reasons contains "authorization_ended" if {
	some name in input.token.scopes
	not name in {"openid", "profile"}
	not _stands(name)
}

_may_introspect if {
	obtaining.is_registered(_scope)
	obtaining.is_granted(_scope)
}

# The scopes of the token that the caller owns, and that the token is for where it is for somebody.
_owned contains name if {
	some name in input.token.scopes
	scope := input.scopes[name]
	scope.owner == input.client.orgnr
	_is_for(scope)
}

_is_for(scope) if not scope.enforcedAudience

_is_for(scope) if scope.enforcedAudience in input.token.audience

_stands(name) if {
	input.authorization.round == input.token.round
	not input.authorization.withdrawn
	until := input.authorization.scopes[name].until
	grants.is_instant(until)
	input.context.time < until
}

# Of a pseudonymous token those are told whose it is that have asked for it to be so.
_tells_person if {
	count(_reasons) == 0
	input.token.pseudonymous == false
} else if {
	count(_reasons) == 0
	some name in _owned
	_hides_person(input.scopes[name])
} else := false

_hides_person(scope) if scope.requiresPseudonymousTokens == true

_hides_person(scope) if scope.tokenType == "OPAQUE"
