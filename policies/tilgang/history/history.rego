# METADATA
# title: Who sees what of an organisation's history
# description: |
#   An event is shown in parts, each of them one organisation's: of a document with grants of many organisations, each sees its own.
#   What several do together (a scope that is granted, or delegated) is one part of all of them.
# schemas:
#   - input: schema["history-input"]
package tilgang.history

# METADATA
# title: Which parts of events the reader may see
# description: |
#   True or false for each of input.parts, in order: those of the reader's organisation, and of them what is about no application, or
#   about one that the reader is limited to. A reader without an organisation, and limits of an odd shape, see nothing.
# entrypoint: true
visible := [_is_visible(part) | some part in input.parts] if is_array(input.parts)

_is_visible(part) if {
	is_string(input.reader.orgnr)
	_is_of_reader(part)
	_reaches(part)
} else := false

_is_of_reader(part) if part.owner == input.reader.orgnr

_is_of_reader(part) if {
	is_array(part.parties)
	input.reader.orgnr in part.parties
}

_reaches(_) if input.reader.applications == null

_reaches(part) if {
	is_array(input.reader.applications)
	part.application in input.reader.applications
}

_reaches(part) if {
	is_array(input.reader.applications)
	not _is_about_application(part)
}

_is_about_application(part) if _ = part.application
