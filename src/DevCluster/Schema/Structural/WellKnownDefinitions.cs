namespace DevCluster.Schema.Structural;

/// <summary>The definitions that no C# model class stands for, each a scalar or free-form value.</summary>
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

    /// <summary>By the last part of the name, <c>MicroTime</c>.</summary>
    public static TypeSchema ByName(string shortName) => ByDefinition[ByShortName[shortName]];

    private static TypeSchema Any(string name, string description) =>
        new("") { Definition = ApiExtensions + name, PreserveUnknownFields = true, Description = description };
}
