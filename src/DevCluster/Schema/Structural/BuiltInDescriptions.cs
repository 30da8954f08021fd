using System.Text;
using System.Xml;
using k8s.Models;

namespace DevCluster.Schema.Structural;

/// <summary>
/// The texts of <c>kubectl explain</c>, from the documentation file that lies beside KubernetesClient. It is large, so
/// it is streamed once, when the first text is asked for. Without the file everything works but the texts are missing.
/// </summary>
internal static class BuiltInDescriptions
{
    private const string ModelPrefix = "k8s.Models.";

    private static readonly Lazy<Dictionary<string, string>> Texts = new(Load);

    /// <summary>Of a model class, <c>V1Container</c>.</summary>
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
            // A damaged file costs the texts, never the API.
        }

        return texts;
    }

    private static void Read(string file, Dictionary<string, string> texts)
    {
        using var reader = XmlReader.Create(
            file, new XmlReaderSettings { IgnoreWhitespace = true, IgnoreComments = true });
        while (reader.ReadToFollowing("member"))
        {
            // Members come sorted by class, and the methods that make up most of the file carry M: in front.
            if (reader.GetAttribute("name") is not ['P' or 'T', ':', .. var member]
                || !member.StartsWith(ModelPrefix, StringComparison.Ordinal)
                || !reader.ReadToDescendant("summary"))
            {
                continue;
            }

            texts[member[ModelPrefix.Length..]] = Reflow(reader.ReadInnerXml());
        }
    }

    /// <summary>Undoes the file's hard line breaks; an empty line stays a paragraph.</summary>
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
