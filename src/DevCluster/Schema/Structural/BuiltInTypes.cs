using System.Collections.Concurrent;
using System.Reflection;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using k8s.Models;

namespace DevCluster.Schema.Structural;

/// <summary>
/// Converts the model classes of KubernetesClient to schemas: names and types by reflection, the rest from the table.
/// </summary>
internal static class BuiltInTypes
{
    private static readonly ConcurrentDictionary<Type, DefinitionFacts> Facts = new();
    private static readonly ConcurrentDictionary<Type, Lazy<IReadOnlyDictionary<string, TypeSchema>>>
        PropertiesByModel = new();
    private static readonly Lazy<ConcurrentDictionary<string, Type>> ModelsByDefinition = new(FindModels);

    private static readonly Dictionary<Type, (string Type, string? Format)> Primitives = new()
    {
        [typeof(string)] = ("string", null),
        [typeof(bool)] = ("boolean", null),
        [typeof(int)] = ("integer", "int32"),
        [typeof(long)] = ("integer", "int64"),
        [typeof(double)] = ("number", "double"),
        [typeof(byte[])] = ("string", "byte"),
        [typeof(object)] = ("", null),
    };

    /// <summary>The schema of a kind or of any other model class.</summary>
    public static TypeSchema Root(Type model, string package) =>
        Model(model, FactsOf(model, package), FieldFacts.None, () => BuiltInDescriptions.OfType(model.Name));

    /// <summary>The schema of a definition in the table or referenced by a schema.</summary>
    public static TypeSchema? ForDefinition(string definition) =>
        WellKnownDefinitions.Find(definition)
        ?? (ModelsByDefinition.Value.TryGetValue(definition, out var model)
            ? Root(model, definition[..definition.LastIndexOf('.')])
            : null);

    private static DefinitionFacts FactsOf(Type model, string package)
    {
        var facts = Facts.GetOrAdd(
            model,
            static (m, p) => BuiltInFacts.Find(m.Name) ?? DefinitionFacts.Bare($"{p}.{WithoutVersion(m.Name)}"),
            package);
        ModelsByDefinition.Value.TryAdd(facts.Definition, model);
        return facts;
    }

    private static ConcurrentDictionary<string, Type> FindModels() => new(
        from model in typeof(V1Pod).Assembly.GetExportedTypes()
        let facts = BuiltInFacts.Find(model.Name)
        where model.Namespace == typeof(V1Pod).Namespace && facts is not null
        select KeyValuePair.Create(facts.Definition, model));

    /// <summary>Removes the version from a class name: <c>V1beta1Thing</c> becomes <c>Thing</c>.</summary>
    private static string WithoutVersion(string name)
    {
        var end = name.TakeWhile((c, i) => i == 0 ? c == 'V' : char.IsAsciiDigit(c) || char.IsAsciiLetterLower(c))
            .Count();
        return end > 1 ? name[end..] : name;
    }

    private static TypeSchema Model(Type model, DefinitionFacts facts, FieldFacts field, Func<string?> description) =>
        new("object", properties: () => PropertiesOf(model, facts))
        {
            Definition = facts.Definition,
            DescriptionSource = description,
            Required = facts.Required,
            IsAtomicMap = field.IsAtomicMap ?? facts.IsAtomic,
            IsNeverAbsent = field.IsNeverAbsent,
            PatchRetainsKeys = field.PatchRetainsKeys,
            PatchReplaces = field.PatchReplaces,
        };

    private static IReadOnlyDictionary<string, TypeSchema> PropertiesOf(Type model, DefinitionFacts facts) =>
        PropertiesByModel.GetOrAdd(model, m => new(() => BuildProperties(m, facts))).Value;

    private static Dictionary<string, TypeSchema> BuildProperties(Type model, DefinitionFacts facts)
    {
        var result = new Dictionary<string, TypeSchema>();
        foreach (var property in model.GetProperties(BindingFlags.Public | BindingFlags.Instance))
        {
            if (property.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name is { } name)
            {
                var field = facts.Fields.GetValueOrDefault(name, FieldFacts.None);
                field = field with { IsNeverAbsent = field.IsStruct || facts.Required.Contains(name) };
                result[name] = Field(
                    property.PropertyType,
                    field,
                    facts.Package,
                    () => BuiltInDescriptions.OfField(model.Name, property.Name));
            }
        }

        return result;
    }

    private static TypeSchema Field(Type type, FieldFacts facts, string package, Func<string?> description)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IList<>))
        {
            return List(type.GetGenericArguments()[0], facts, package, description);
        }

        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IDictionary<,>))
        {
            var value =
                new Lazy<TypeSchema>(() => Field(type.GetGenericArguments()[1], Inner(facts), package, () => null));
            return new("object", additionalProperties: () => value.Value)
            {
                DescriptionSource = description,
                IsAtomicMap = facts.IsAtomicMap ?? false,
                IsNeverAbsent = facts.IsNeverAbsent,
            };
        }

        return type.Namespace == typeof(V1Pod).Namespace
            && type != typeof(IntOrString)
            && type != typeof(ResourceQuantity)
            ? Model(type, FactsOf(type, package), facts, description)
            : Scalar(type, facts, description);
    }

    private static TypeSchema List(Type item, FieldFacts facts, string package, Func<string?> description)
    {
        var items = new Lazy<TypeSchema>(() => Field(item, Inner(facts), package, () => null));
        return new("array", items: () => items.Value)
        {
            DescriptionSource = description,
            ListType = facts.ListType,
            ListMapKeys = facts.MapKeys,
            PatchMerges = facts.PatchMerges,
            PatchMergeKey = facts.PatchMergeKey,
            PatchRetainsKeys = facts.PatchRetainsKeys,
            IsNeverAbsent = facts.IsNeverAbsent,
        };
    }

    /// <summary>Enums and substituted types apply to the items of a list and the values of a map.</summary>
    private static FieldFacts Inner(FieldFacts facts) => new() { Enum = facts.Enum, TypeName = facts.TypeName };

    private static TypeSchema Scalar(Type type, FieldFacts facts, Func<string?> description)
    {
        var known = facts.TypeName is { } name ? WellKnownDefinitions.ByName(name) : null;
        known ??= type == typeof(DateTime) ? WellKnownDefinitions.Find(WellKnownDefinitions.Time)
            : type == typeof(IntOrString) ? WellKnownDefinitions.Find(WellKnownDefinitions.IntOrString)
            : type == typeof(ResourceQuantity) ? WellKnownDefinitions.Find(WellKnownDefinitions.Quantity)
            : null;
        if (known is not null)
        {
            return new(known.Type)
            {
                Definition = known.Definition,
                DescriptionSource = description,
                Format = known.Format,
                PreserveUnknownFields = known.PreserveUnknownFields,
                IsIntOrString = known.IsIntOrString,
                OneOf = known.OneOf,
            };
        }

        var (jsonType, format) = Primitives[type];
        return new(jsonType)
        {
            DescriptionSource = description,
            Format = format,
            IsNeverAbsent = facts.IsNeverAbsent,
            PreserveUnknownFields = type == typeof(object),
            Enum = [.. facts.Enum.Select(v => (JsonNode?)v)],
            Default = facts.Default is not { } text ? null : jsonType == "integer" ? long.Parse(text, null) : text,
        };
    }
}

/// <summary>Definitions without a C# model class; each is a scalar or a free-form value.</summary>
internal static class WellKnownDefinitions
{
    public const string Time = Meta + "Time";
    public const string MicroTime = Meta + "MicroTime";
    public const string Quantity = "io.k8s.apimachinery.pkg.api.resource.Quantity";
    public const string IntOrString = "io.k8s.apimachinery.pkg.util.intstr.IntOrString";
    public const string FieldsV1 = Meta + "FieldsV1";
    public const string RawExtension = "io.k8s.apimachinery.pkg.runtime.RawExtension";
    public const string ObjectMeta = Meta + "ObjectMeta";
    public const string ListMeta = Meta + "ListMeta";

    private const string Meta = "io.k8s.apimachinery.pkg.apis.meta.v1.";
    private const string ApiExtensions = "io.k8s.apiextensions-apiserver.pkg.apis.apiextensions.v1.";

    private static readonly Dictionary<string, TypeSchema> ByDefinition = new TypeSchema[]
    {
        new("string")
        {
            Definition = Time,
            Format = "date-time",
            Description = "A time in RFC 3339 form, to the second.",
        },
        new("string")
        {
            Definition = MicroTime,
            Format = "date-time",
            Description = "A time in RFC 3339 form, to the microsecond.",
        },
        new("")
        {
            Definition = Quantity,
            OneOf = [new("string"), new("number")],
            Description = "A number with an SI or binary suffix: 500m, 2, 1Gi.",
        },
        new("")
        {
            Definition = IntOrString,
            Format = "int-or-string",
            IsIntOrString = true,
            OneOf = [new("integer"), new("string")],
            Description = "A number or a name.",
        },
        new("object")
        {
            Definition = FieldsV1,
            PreserveUnknownFields = true,
            Description = "A set of fields as a tree of path elements.",
        },
        new("object") { Definition = RawExtension, PreserveUnknownFields = true, Description = "Any object." },
        Any("JSON", "Any JSON value."),
        Any("JSONSchemaPropsOrArray", "A schema or a list of schemas."),
        Any("JSONSchemaPropsOrBool", "A schema or a boolean."),
        Any("JSONSchemaPropsOrStringArray", "A schema or a list of strings."),
        new("object")
        {
            Definition = ApiExtensions + "CustomResourceSubresourceStatus",
            PreserveUnknownFields = true,
            Description = "Enables the status subresource.",
        },
    }.ToDictionary(s => s.Definition!);

    private static readonly Dictionary<string, string> ByShortName =
        ByDefinition.Keys.ToDictionary(d => d[(d.LastIndexOf('.') + 1)..]);

    public static TypeSchema? Find(string definition) => ByDefinition.GetValueOrDefault(definition);

    /// <summary>Finds a schema by the last part of the name, such as <c>MicroTime</c>.</summary>
    public static TypeSchema ByName(string shortName) => ByDefinition[ByShortName[shortName]];

    private static TypeSchema Any(string name, string description) =>
        new("") { Definition = ApiExtensions + name, PreserveUnknownFields = true, Description = description };
}
