package fruit

// Kind is the type of a field's values.
type Kind string

const (
	Text    Kind = "string"
	Decimal Kind = "decimal"
	Integer Kind = "integer"
)

// Field is one column of the representation and all its rules. The schema,
// the filters, the orderings and the OpenAPI document are made from Fields.
type Field struct {
	Name       string
	Kind       Kind
	Default    any // nil: none
	Unique     bool
	ReadOnly   bool
	PrimaryKey bool
	Orderable  bool
	Lookups    []string // nil: no filter
	Title      string
	Help       string
}

var (
	compare = []string{"exact", "in", "gt", "gte", "lt", "lte", "range"}
	match   = []string{"exact", "in", "startswith", "endswith", "contains"}
)

// Fields are the fields of a fruit in the order of their names.
var Fields = []Field{
	{
		Name: "id", Kind: Integer, Default: "", Unique: true, PrimaryKey: true, Orderable: true,
		Lookups: compare, Title: "ID", Help: "A whole number from 1 to 2147483647, given by the service.",
	},
	{
		Name: "name", Kind: Text, Unique: true, Orderable: true,
		Lookups: match, Title: "name", Help: "1 to 100 characters, different for each fruit.",
	},
	{
		Name: "price", Kind: Decimal, Default: "0.00", Orderable: true,
		Lookups: compare, Title: "price", Help: "A decimal from 0.00 to 999999.99 with two decimals.",
	},
	{
		Name: "resource_uri", Kind: Text, ReadOnly: true,
		Title: "resource uri", Help: "The path of this fruit.",
	},
	{
		Name: "stock", Kind: Integer, Default: 0,
		Lookups: compare, Title: "stock", Help: "A whole number from -2147483648 to 2147483647.",
	},
}

func fieldNamed(name string) (Field, bool) {
	for _, f := range Fields {
		if f.Name == name {
			return f, true
		}
	}
	return Field{}, false
}
