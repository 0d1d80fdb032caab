# METADATA
# title: Who may keep services and systems, ask for system users, answer, and keep them
# description: |
#   One question over one input document (schemas/systembruker-admin-input.json). Faults are named by what is required and not met, so
#   that a missing or odd value is a fault. They come in steps, each alone: what depends on caller and act only, then the organisation,
#   then what the act is about. acts.rego is the table of who may do what. What a person may give away is asked of systembruker/delegation.
# schemas:
#   - input: schema["systembruker-admin-input"]
package systembruker.admin

import data.tilgang.grants

# METADATA
# title: May the caller do this for the organisation?
# description: Reasons come the most telling first. Without an instant in context.time there is no answer.
# entrypoint: true
evaluate := {"allowed": count(_reasons) == 0, "reasons": _by_precedence(_reasons)} if {
	grants.is_instant(input.context.time)
}

_reasons := {"action_unknown"} if {
	not _row
} else := set() if {
	_row == "open"
} else := _caller_faults if {
	count(_caller_faults) > 0
} else := _organisation_faults if {
	count(_organisation_faults) > 0
} else := _object_faults

_by_precedence(slugs) := array.concat(
	[slug | some slug in _precedence; slug in slugs],
	sort(slugs - {slug | some slug in _precedence}),
)

# Which of several reasons is told. One that stands nowhere here comes last.
_precedence := [
	"caller_unknown",
	"operator_needed",
	"person_needed",
	"machine_needed",
	"security_level_too_low",
	"scope_missing",
	"supplier_unfit",
	"organisation_unknown",
	"organisation_foreign",
	"role_missing",
	"organisation_closed",
]
