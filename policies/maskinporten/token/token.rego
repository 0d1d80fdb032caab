# METADATA
# title: Whether a client may have a token with the scopes that it asks for
# description: |
#   One question over one input document (schemas/maskinporten-token-input.json), asked once who the client is has been proven. Faults come in steps, each
#   alone, and are named as docs/maskinporten.md names them; at is the place of the scope among those that are asked for. Absent documents,
#   and odd ones, are no access.
# schemas:
#   - input: schema["maskinporten-token-input"]
package maskinporten.token

import data.maskinporten.obtaining
import data.tilgang.grants

# METADATA
# title: What may be issued?
# description: |
#   faults is empty, or those of the first step that has any. grant says for whom the token is, for how many seconds, and for which audiences: none is
#   empty. Without an instant in context.time there is no answer.
# entrypoint: true
evaluate := {"faults": [], "grant": {
	"consumer": obtaining.consumer,
	"supplier": obtaining.supplier,
	"delegationSource": obtaining.delegation_source(input.request.scopes),
	"lifetime": obtaining.lifetime(input.request.scopes),
	"audience": obtaining.audience(input.request.scopes),
}} if {
	_answerable
	count(_faults) == 0
} else := {"faults": _faults, "grant": null} if {
	_answerable
}

_answerable if {
	grants.is_instant(input.context.time)
	is_array(input.request.scopes)
	count(input.request.scopes) > 0
}

_faults := _client_faults if {
	count(_client_faults) > 0
} else := _registration_faults if {
	count(_registration_faults) > 0
} else := _type_faults if {
	count(_type_faults) > 0
} else := _form_faults if {
	count(_form_faults) > 0
} else := _access_faults if {
	count(_access_faults) > 0
} else := _delegation_faults if {
	count(_delegation_faults) > 0
} else := _audience_faults

# The client, and on whose behalf it says that it acts.

_client_faults := [{"name": "MP-100"}] if {
	not obtaining.is_active_client
} else := [{"name": "grant-type-not-registered"}] if {
	not "urn:ietf:params:oauth:grant-type:jwt-bearer" in input.client.grantTypes
} else := [{"name": "consumer-not-combinable"}] if {
	_combines_what_excludes_each_other
} else := [{"name": "onbehalfof-unknown"}] if {
	input.request.onBehalfOf
	not obtaining.is_represented
} else := []

_combines_what_excludes_each_other if input.request.consumer == input.client.orgnr

# A client that was made for a customer acts for that one alone.
_combines_what_excludes_each_other if {
	obtaining.has_supplier
	input.request.consumer
}

_combines_what_excludes_each_other if {
	obtaining.has_supplier
	input.request.onBehalfOf
}

# The scopes: registered on the client, in use, for clients of its type.

_registration_faults := [{"name": "MP-200", "at": at} |
	some at, name in input.request.scopes
	not obtaining.is_registered(name)
]

_type_faults := [{"name": "MP-201", "at": at} |
	some at, name in input.request.scopes
	not _takes_client(input.scopes[name])
]

# A scope that a person has to log in for is never given to a machine alone.
_takes_client(scope) if {
	scope.requiresUserConsent == false
	scope.requiresUserAuthentication == false
	obtaining.takes_type(scope)
}

# By which form of acting for others a scope can be had.

_form_faults := [fault |
	some at, name in input.request.scopes
	some fault in _form_faults_of(at, input.scopes[name])
]

_form_faults_of(at, scope) := [{"name": "scope-not-delegable", "at": at}] if {
	obtaining.is_undelegable(scope)
} else := [{"name": "scope-only-delegated", "at": at}] if {
	obtaining.is_only_delegated(scope)
} else := []

# Access: of the consumer, and of the supplier where nothing else binds it.

_access_faults := [{"name": "MP-250", "at": at} |
	some at, name in input.request.scopes
	not obtaining.is_granted(name)
]

# Delegation: the consumer has let the supplier act with the scope, by the source that the scope names.

_delegation_faults := [{"name": "MP-251", "at": at, "consumer": obtaining.consumer, "supplier": obtaining.supplier} |
	some at, name in input.request.scopes
	not obtaining.is_delegated(name)
]

# What for: scopes that enforce an audience are had for that alone.

_audience_faults := [{"name": "audience-not-allowed"}] if {
	obtaining.is_audience_unfit(input.request.scopes)
} else := []
