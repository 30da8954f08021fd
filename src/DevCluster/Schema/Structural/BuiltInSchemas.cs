using System.Collections.Concurrent;
using System.Reflection;
using System.Text;
using System.Xml;
using k8s.Models;

namespace DevCluster.Schema.Structural;

/// <summary>The schemas of the built-in kinds.</summary>
public static class BuiltInSchemas
{
    private static readonly Lazy<Dictionary<(string ApiVersion, string Kind), Type>> Kinds = new(FindKinds);
    private static readonly ConcurrentDictionary<(string ApiVersion, string Kind), TypeSchema> Schemas = new();

    /// <summary>The schema of a kind, always the same instance.</summary>
    /// <param name="apiVersion"><c>v1</c> or <c>apps/v1</c>.</param>
    /// <exception cref="ArgumentException">The built-in kind does not exist.</exception>
    public static TypeSchema For(string apiVersion, string kind) => Schemas.GetOrAdd((apiVersion, kind), Build);

    /// <summary>The schema of a definition such as <c>io.k8s.api.core.v1.PodSpec</c>; null if there is none.</summary>
    internal static TypeSchema? ForDefinition(string definition) => BuiltInTypes.ForDefinition(definition);

    private static TypeSchema Build((string ApiVersion, string Kind) key) =>
        Kinds.Value.TryGetValue(key, out var model)
            ? BuiltInTypes.Root(model, Package(key.ApiVersion))
            : throw new ArgumentException($"'{key.Kind}' in '{key.ApiVersion}' is not a built-in kind.");

    /// <summary>The upstream package of a group version, for the few kinds that the table does not list.</summary>
    private static string Package(string apiVersion) =>
        apiVersion.Split('/') is [var group, var version]
            ? $"io.k8s.api.{group.Split('.')[0]}.{version}"
            : $"io.k8s.api.core.{apiVersion}";

    private static Dictionary<(string ApiVersion, string Kind), Type> FindKinds()
    {
        var kinds = new Dictionary<(string, string), Type>();
        foreach (var type in typeof(V1Pod).Assembly.GetExportedTypes())
        {
            if (type.GetCustomAttribute<KubernetesEntityAttribute>() is { } entity)
            {
                var apiVersion = string.IsNullOrEmpty(entity.Group)
                    ? entity.ApiVersion
                    : $"{entity.Group}/{entity.ApiVersion}";
                kinds.TryAdd((apiVersion, entity.Kind), type);
            }
        }

        return kinds;
    }
}

/// <summary>
/// The descriptions of <c>kubectl explain</c>, from the documentation file next to KubernetesClient. The file is large,
/// so it is streamed once, on first access. Without the file only the descriptions are missing.
/// </summary>
internal static class BuiltInDescriptions
{
    private const string ModelPrefix = "k8s.Models.";

    private static readonly Lazy<Dictionary<string, string>> Texts = new(Load);

    /// <summary>The description of a model class such as <c>V1Container</c>.</summary>
    public static string? OfType(string model) => Texts.Value.GetValueOrDefault(model);

    public static string? OfField(string model, string property) =>
        Texts.Value.GetValueOrDefault($"{model}.{property}");

    private static Dictionary<string, string> Load()
    {
        var texts = new Dictionary<string, string>();
        var file = Path.Combine(
            AppContext.BaseDirectory, Path.ChangeExtension(typeof(V1Pod).Assembly.GetName().Name!, ".xml"));
        if (!File.Exists(file))
        {
            return texts;
        }

        try
        {
            Read(file, texts);
        }
        catch (Exception e) when (e is IOException or XmlException or UnauthorizedAccessException)
        {
            // A damaged file only costs the descriptions.
        }

        return texts;
    }

    private static void Read(string file, Dictionary<string, string> texts)
    {
        using var reader = XmlReader.Create(
            file, new XmlReaderSettings { IgnoreWhitespace = true, IgnoreComments = true });
        while (reader.ReadToFollowing("member"))
        {
            // Members are sorted by class; the methods, which make up most of the file, start with M:.
            if (reader.GetAttribute("name") is not ['P' or 'T', ':', .. var member]
                || !member.StartsWith(ModelPrefix, StringComparison.Ordinal)
                || !reader.ReadToDescendant("summary"))
            {
                continue;
            }

            texts[member[ModelPrefix.Length..]] = Reflow(reader.ReadInnerXml());
        }
    }

    /// <summary>Removes the file's hard line breaks; an empty line separates paragraphs.</summary>
    private static string Reflow(string xml)
    {
        var text = new StringBuilder(xml.Length);
        foreach (var line in xml.AsSpan().Trim().EnumerateLines())
        {
            var content = line.Trim();
            if (content.IsEmpty)
            {
                text.Append("\n\n");
                continue;
            }

            if (text.Length > 0 && text[^1] != '\n')
            {
                text.Append(' ');
            }

            text.Append(content);
        }

        return System.Net.WebUtility.HtmlDecode(text.ToString());
    }
}
