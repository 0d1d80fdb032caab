# METADATA
# title: Who is told how much of why a person has access
# description: |
#   A konsument is told of its own grants, a tilbyder of its application, the operator of all. A tilbyder may know for which
#   organisations a person has access, since its application asks that at each log-in, and what its own rule says; not what a konsument
#   keeps of the person beside that: withdrawn, expired and never given look alike to it.
# schemas:
#   - input: schema["explained-input"]
package tilgang.explained

# METADATA
# title: Which of the decisions are shown, with which reasons, and whether with the grant
# description: One {shown, reasons, grant} for each of input.decisions, in order. A reader of an odd kind sees nothing.
# entrypoint: true
told := [_told(decision) | some decision in input.decisions] if is_array(input.decisions)

# METADATA
# title: May the caller hear reasons with its answers?
# description: Of a machine that asks about access, by a scope of its own. What it then hears is what a tilbyder is told.
# entrypoint: true
# schemas:
#   - input: schema["may-ask-input"]
with_answers if {
	input.caller.kind == "machine"
	"ks:fiks" in input.caller.scopes
	"ks:fiks.begrunnelse" in input.caller.scopes
} else := false

_told(decision) := {"shown": true, "reasons": sort(_standard(decision) | _own(decision)), "grant": _with_grant} if {
	_is_shown(decision)
} else := {"shown": false, "reasons": [], "grant": false}

_with_grant := input.reader.kind != "tilbyder"

_is_shown(_) if input.reader.kind == "operator"

_is_shown(decision) if {
	input.reader.kind == "konsument"
	is_string(input.reader.orgnr)
	decision.konsument == input.reader.orgnr
}

# For which organisations a person has grants that do not count, it does not learn.
_is_shown(decision) if {
	input.reader.kind == "tilbyder"
	decision.named == true
}

# What the standard rule says; a yes is told only if no other rule says no.
_standard(decision) := set() if {
	decision.standard == ["granted"]
	count(_own(decision)) > 0
} else := {slug | some slug in decision.standard} if {
	input.reader.kind != "tilbyder"
} else := decided if {
	decided := {slug | some slug in decision.standard}

	# The grant is in force: by its other roles the tilbyder's application has seen it.
	decided == {"role_missing"}
} else := {_open_to_tilbyder(slug) | some slug in decision.standard}

_own(decision) := {slug | some slug in decision.own}

_open_to_tilbyder(slug) := slug if {
	slug in {
		"application_not_activated",
		"application_not_active",
		"application_unknown",
		"client_not_allowed",
		"granted",
		"kind_unknown",
		"organisation_not_konsument",
	}
} else := "application_unknown" if {
	# Another's looks like one that is not there.
	slug == "caller_foreign"
} else := "grant_missing"
