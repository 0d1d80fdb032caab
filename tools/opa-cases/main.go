// Compiles the policy cases of OPA's own tests to WebAssembly and writes them, with what they are asked and should answer, to standard output:
// one line of JSON, gzipped. Usage: opa-cases FOLDER, where FOLDER is v1/test/cases/testdata/v1 of OPA's module.
//
// Cases whose query is `data.x = y` are taken. To compile thousands of modules of 130 kB would be slow, so many cases share one: each under a package
// of its own (`data.case7.x`). What speaks of its own package, or does not compile so, has a module for itself.
package main

import (
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/bundle"
	"github.com/open-policy-agent/opa/v1/compile"
	"github.com/open-policy-agent/opa/v1/test/cases"
)

const perModule = 50

// question is a case as the test reads it. What holds numbers is JSON as text, which keeps them.
type question struct {
	Note        string   `json:"note"`
	Group       string   `json:"group"`
	Entrypoint  string   `json:"entrypoint"`
	Calls       []string `json:"calls"`
	Input       *string  `json:"input,omitempty"`
	WantResult  *string  `json:"wantResult,omitempty"`
	WantDefined *bool    `json:"wantDefined,omitempty"`
	WantError   bool     `json:"wantError"`
	Strict      bool     `json:"strict"`
	Sort        bool     `json:"sort"`

	source cases.TestCase
	path   []string
}

type module struct {
	Wasm  []byte      `json:"wasm"`
	Data  string      `json:"data"`
	Cases []*question `json:"cases"`
}

type answer struct {
	// All cases there are, of any form.
	All     int      `json:"all"`
	Modules []module `json:"modules"`
	// Cases of the form that do not compile, by their names.
	Uncompiled map[string]string `json:"uncompiled"`
	// Every built-in of OPA, by name.
	Builtins []string `json:"builtins"`
	// Calls each of them: which the host must provide is told by the module.
	Every []byte `json:"every"`
}

func main() {
	set := cases.MustLoad(os.Args[1]).Sorted()
	out := answer{All: len(set.Cases), Uncompiled: map[string]string{}}
	groups := map[bool][]*question{}
	for _, tc := range set.Cases {
		if q := questionOf(tc); q != nil {
			groups[tc.ExperimentalKeywords] = append(groups[tc.ExperimentalKeywords], q)
		}
	}
	for _, experimental := range []bool{false, true} {
		for part := range slices.Chunk(groups[experimental], perModule) {
			out.add(part)
		}
	}
	out.addBuiltins()
	zip, err := gzip.NewWriterLevel(os.Stdout, gzip.BestSpeed)
	check(err)
	check(json.NewEncoder(zip).Encode(out))
	check(zip.Close())
}

func questionOf(tc cases.TestCase) *question {
	body, err := ast.ParseBody(tc.Query)
	if err != nil || len(body) != 1 || !body[0].IsEquality() {
		return nil
	}
	ref, isRef := body[0].Operand(0).Value.(ast.Ref)
	result, isVar := body[0].Operand(1).Value.(ast.Var)
	if !isRef || !isVar || !ref.HasPrefix(ast.DefaultRootRef) {
		return nil
	}
	q := &question{Note: tc.Note, Group: filepath.Base(filepath.Dir(tc.Filename)), source: tc, Strict: tc.StrictError, Sort: tc.SortBindings}
	for _, part := range ref[1:] {
		text, isText := part.Value.(ast.String)
		if !isText {
			return nil
		}
		q.path = append(q.path, string(text))
	}
	q.WantDefined = tc.WantDefined
	q.WantError = tc.WantError != nil || tc.WantErrorCode != nil
	if tc.WantResult != nil {
		values := []any{}
		for _, bindings := range *tc.WantResult {
			values = append(values, bindings[string(result)])
		}
		q.WantResult = jsonOf(values)
	}
	if tc.InputTerm != nil {
		text := ast.MustParseTerm(*tc.InputTerm).String()
		q.Input = &text
	} else if tc.Input != nil {
		q.Input = jsonOf(*tc.Input)
	}
	return q
}

// add compiles cases into one module, or into more where that fails.
func (a *answer) add(questions []*question) {
	isAlone := len(questions) == 1
	if !isAlone && slices.ContainsFunc(questions, speaksOfItsPackage) {
		a.split(questions)
		return
	}
	m, err := compiled(questions, !isAlone)
	switch {
	case err == nil:
		a.Modules = append(a.Modules, m)
	case isAlone:
		a.Uncompiled[questions[0].Note] = err.Error()
	default:
		a.split(questions)
	}
}

func (a *answer) split(questions []*question) {
	half := len(questions) / 2
	a.add(questions[:half])
	a.add(questions[half:])
}

func speaksOfItsPackage(q *question) bool {
	return strings.Contains(strings.Join(q.source.Modules, "\n"), "rego.metadata")
}

func compiled(questions []*question, isShared bool) (module, error) {
	caps := ast.CapabilitiesForThisVersion(ast.CapabilitiesExperimentalKeywords(questions[0].source.ExperimentalKeywords))
	b := &bundle.Bundle{Data: map[string]any{}}
	b.Manifest.Init()
	entrypoints := []string{}
	for i, q := range questions {
		name := fmt.Sprintf("case%d", i)
		if err := addModules(b, q, name, caps, isShared); err != nil {
			return module{}, err
		}
		data := map[string]any{}
		if q.source.Data != nil {
			data = *q.source.Data
		}
		q.Entrypoint = strings.Join(q.path, "/")
		if isShared {
			b.Data[name] = data
			q.Entrypoint = strings.TrimSuffix(name+"/"+q.Entrypoint, "/")
		} else {
			b.Data = data
		}
		entrypoints = append(entrypoints, q.Entrypoint)
	}
	c := compile.New().WithCapabilities(caps).WithTarget("wasm").WithEntrypoints(entrypoints...).WithBundle(b).WithRegoVersion(ast.RegoV1)
	if err := c.Build(context.Background()); err != nil {
		return module{}, err
	}
	return module{Wasm: c.Bundle().WasmModules[0].Raw, Data: *jsonOf(b.Data), Cases: questions}, nil
}

func addModules(b *bundle.Bundle, q *question, name string, caps *ast.Capabilities, isShared bool) error {
	q.Calls = []string{}
	for i, source := range q.source.Modules {
		file := fmt.Sprintf("%s-%d.rego", name, i)
		parsed, err := ast.ParseModuleWithOpts(file, source, ast.ParserOptions{ProcessAnnotation: true, RegoVersion: ast.RegoV1, Capabilities: caps})
		if err != nil {
			return err
		}
		if parsed == nil {
			continue
		}
		ast.WalkRefs(parsed, func(ref ast.Ref) bool {
			if called := ref.String(); ast.BuiltinMap[called] != nil && !slices.Contains(q.Calls, called) {
				q.Calls = append(q.Calls, called)
			}
			return false
		})
		if isShared {
			if err := moveUnder(name, parsed); err != nil {
				return err
			}
		}
		b.Modules = append(b.Modules, bundle.ModuleFile{URL: file, Path: file, Raw: []byte(source), Parsed: parsed})
	}
	return nil
}

// moveUnder makes every `data.x` `data.name.x`.
func moveUnder(name string, module *ast.Module) error {
	move := func(ref ast.Ref) (ast.Value, error) {
		if !ref.HasPrefix(ast.DefaultRootRef) {
			return ref, nil
		}
		return append(ast.Ref{ref[0], ast.StringTerm(name)}, ref[1:]...), nil
	}
	// OPA's own walk leaves `some x in data.y` out.
	declared := []*ast.SomeDecl{}
	ast.NewGenericVisitor(func(node any) bool {
		if decl, isDecl := node.(*ast.SomeDecl); isDecl {
			declared = append(declared, decl)
		}
		return false
	}).Walk(module)
	if _, err := ast.TransformRefs(module, move); err != nil {
		return err
	}
	for _, decl := range declared {
		for _, symbol := range decl.Symbols {
			if call, isCall := symbol.Value.(ast.Call); isCall {
				if _, err := ast.TransformRefs(call, move); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (a *answer) addBuiltins() {
	rules := []string{}
	for _, builtin := range ast.Builtins {
		// What the compiler puts other code in place of, or what only it may call, is in no module under its name.
		isCompilers := strings.HasPrefix(builtin.Name, "internal.") || strings.HasPrefix(builtin.Name, "rego.metadata.") || builtin.Name == "print"
		if builtin.Infix != "" || builtin.Name == "eq" || builtin.Name == "assign" {
			continue
		}
		a.Builtins = append(a.Builtins, builtin.Name)
		if isCompilers {
			continue
		}
		args := []string{}
		for i := range builtin.Decl.FuncArgs().Args {
			args = append(args, fmt.Sprintf("input.a%d", i))
		}
		rules = append(rules, fmt.Sprintf("r { %s(%s) }", builtin.Name, strings.Join(args, ", ")))
	}
	// Version 0 of Rego still has those that are deprecated.
	source := "package every\n" + strings.Join(rules, "\n") + "\n"
	b := &bundle.Bundle{Data: map[string]any{}}
	b.Manifest.Init()
	parsed := ast.MustParseModuleWithOpts(source, ast.ParserOptions{RegoVersion: ast.RegoV0})
	b.Modules = []bundle.ModuleFile{{URL: "every.rego", Path: "every.rego", Raw: []byte(source), Parsed: parsed}}
	c := compile.New().WithTarget("wasm").WithEntrypoints("every/r").WithBundle(b).WithRegoVersion(ast.RegoV0)
	check(c.Build(context.Background()))
	a.Every = c.Bundle().WasmModules[0].Raw
}

func jsonOf(value any) *string {
	bytes, err := json.Marshal(value)
	check(err)
	text := string(bytes)
	return &text
}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
