package scorecard

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"

	"orchard/infra/internal/planned"
	"orchard/infra/internal/settings"
)

const project = "../../.."

// counterExample is a change of a planned stack after which a row must fail.
type counterExample struct {
	id     string
	change func(*planned.Stack)
}

// setEach changes a property of every resource of a type; nil takes it away.
func setEach(token, path string, value any) func(*planned.Stack) {
	return func(stack *planned.Stack) {
		for _, r := range of(*stack, token) {
			setInput(r, path, value)
		}
	}
}

// setOne changes a property of one resource.
func setOne(token, name, path string, value any) func(*planned.Stack) {
	return func(stack *planned.Stack) { setInput(stack.Of(token)[name], path, value) }
}

func setInput(r item, path string, value any) {
	parsed, err := resource.ParsePropertyPath(path)
	if err != nil {
		panic(err)
	}
	object := resource.NewProperty(r.Inputs)
	if value == nil {
		parsed.Delete(object)
		return
	}
	if !parsed.Set(object, resource.NewPropertyValue(value)) {
		panic("cannot set " + path + " of " + r.Type + " " + r.Name)
	}
}

// drop takes every resource of a type away.
func drop(token string) func(*planned.Stack) {
	return func(stack *planned.Stack) {
		stack.Resources = slices.DeleteFunc(stack.Resources, func(r item) bool { return r.Type == token })
	}
}

// add puts one more resource into the stack.
func add(token, name string, inputs map[string]any) func(*planned.Stack) {
	return func(stack *planned.Stack) {
		stack.Resources = append(stack.Resources, item{Type: token, Name: name, Inputs: resource.NewPropertyMapFromMap(inputs)})
	}
}

// copied is a stack whose inputs can be changed.
func copied(stack planned.Stack) planned.Stack {
	stack.Resources = slices.Clone(stack.Resources)
	for i, r := range stack.Resources {
		stack.Resources[i].Inputs = resource.ToResourcePropertyMap(resource.FromResourcePropertyMap(r.Inputs))
	}
	return stack
}

// checkCard wants no failure, at least some passes, and that each row fails
// for a counter-example. Rows that are not checkable have none.
func checkCard(t *testing.T, cloud settings.Cloud, rows, passes int, examples []counterExample) {
	own := subjects[cloud]
	stack, err := planned.Read(project, own.stack, nil)
	if err != nil {
		t.Fatal(err)
	}
	results := Judge(stack, own.rows())
	if len(results) != rows {
		t.Errorf("got %d rows, want %d", len(results), rows)
	}
	if got := Count(results, Pass); got < passes {
		t.Errorf("%d rows pass, want at least %d", got, passes)
	}
	for _, r := range results {
		t.Logf("%s: %s: %s: %s", r.ID, r.State, r.Setting, r.Reason)
		if r.State == Fail {
			t.Errorf("%s fails: want %s, and %s", r.ID, r.Setting, r.Reason)
		}
	}
	checkExamples(t, stack, own.rows(), examples)
}

func checkExamples(t *testing.T, stack planned.Stack, rows []Row, examples []counterExample) {
	shown := map[string]bool{}
	for _, example := range examples {
		i := slices.IndexFunc(rows, func(row Row) bool { return row.ID == example.id })
		if i < 0 {
			t.Errorf("counter-example for %s, which is no row", example.id)
			continue
		}
		shown[example.id] = true
		changed := copied(stack)
		example.change(&changed)
		if state, reason := rows[i].Check(changed); state != Fail {
			t.Errorf("%s: a counter-example gets %s (%s), want fail", example.id, state, reason)
		}
	}
	for _, row := range rows {
		if state, _ := row.Check(stack); state != NotCheckable && !shown[row.ID] {
			t.Errorf("%s has no counter-example", row.ID)
		}
	}
}
