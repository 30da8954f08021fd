using System.Collections.Frozen;
using System.Globalization;

namespace DevCluster.ApiServer.Protobuf;

/// <summary>The messages defined in messages.txt.</summary>
internal static class ProtobufCatalog
{
    private const string ResourceName = "DevCluster.ApiServer.Protobuf.messages.txt";
    private const string DeleteOptions = "DeleteOptions";

    /// <summary>The message of a schema in a CustomResourceDefinition.</summary>
    public const string SchemaMessage = "apiextensions.v1.JSONSchemaProps";

    private static readonly Lazy<Contents> Table = new(Load);

    /// <summary>The message of a kind; null if protobuf is not supported for it.</summary>
    public static string? Message(string apiVersion, string kind) =>
        Table.Value.Kinds.GetValueOrDefault(kind == DeleteOptions ? $"meta.k8s.io/v1 {kind}" : $"{apiVersion} {kind}");

    public static FrozenDictionary<int, ProtobufField> Fields(string message) => Table.Value.Messages[message];

    private static Contents Load()
    {
        using var stream = typeof(ProtobufCatalog).Assembly.GetManifestResourceStream(ResourceName)!;
        using var reader = new StreamReader(stream);
        var lines = reader.ReadToEnd().Split('\n').Where(line => !line.StartsWith('#')).ToList();
        var gap = lines.IndexOf("");
        var kinds = lines.Take(gap)
            .Select(line => line.Split(' '))
            .ToFrozenDictionary(words => $"{words[0]} {words[1]}", words => words[2]);
        var messages = lines.Skip(gap + 1)
            .Where(line => line.Length > 0)
            .Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
                .ToFrozenDictionary(
                    words => words[0],
                    words => words.Skip(1)
                        .Select(ParseField)
                        .ToFrozenDictionary(field => field.Number, field => field.Field));
        return new(kinds, messages);
    }

    private sealed record Contents(
        FrozenDictionary<string, string> Kinds,
        FrozenDictionary<string, FrozenDictionary<int, ProtobufField>> Messages);

    private static (int Number, ProtobufField Field) ParseField(string text)
    {
        var parts = text.Split(':');
        var type = parts[2].TrimStart('*', '%').TrimEnd('?');
        return (
            int.Parse(parts[0], CultureInfo.InvariantCulture),
            new ProtobufField(
                parts[1] == "." ? "" : parts[1],
                type[0],
                type[1..],
                parts[2][0] == '*',
                parts[2][0] == '%',
                parts[2].EndsWith('?')));
    }
}

/// <summary>A field of a message.</summary>
/// <param name="JsonName">Empty if the fields of this field are inlined into the parent.</param>
/// <param name="Type">One of the type letters of messages.txt.</param>
/// <param name="Message">The name of the message if the type is <c>m</c>.</param>
/// <param name="OmitsZero">Whether Go sends zero for "not set".</param>
internal sealed record ProtobufField(
    string JsonName, char Type, string Message, bool IsRepeated, bool IsMap, bool OmitsZero);
