using System.Reflection;
using System.Text;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Dynospace.Api.Crds;

/// <summary>Summaries of types and properties as the compiler wrote them down, as plain sentences.</summary>
internal sealed partial class XmlDocumentation
{
    private readonly Dictionary<string, XElement> _summaries;
    private readonly Assembly _assembly;

    private XmlDocumentation(Assembly assembly, XDocument document)
    {
        _assembly = assembly;
        _summaries = document.Descendants("member")
            .Where(member => member.Element("summary") is not null)
            .ToDictionary(
                member => (string)member.Attribute("name")!,
                member => member.Element("summary")!,
                StringComparer.Ordinal);
    }

    public static XmlDocumentation Beside(Assembly assembly) =>
        new(assembly, XDocument.Load(
            Path.Combine(AppContext.BaseDirectory, assembly.GetName().Name + ".xml"), LoadOptions.PreserveWhitespace));

    public string OfType(Type type) =>
        Summary($"T:{type.FullName}")
        ?? throw new InvalidOperationException($"{type} has no summary: it becomes the schema's description.");

    /// <summary>Null for the parts every object has (<c>inheritdoc</c>).</summary>
    public string? OfProperty(PropertyInfo property) =>
        Summary($"P:{property.DeclaringType!.FullName}.{property.Name}");

    private string? Summary(string member) => _summaries.TryGetValue(member, out var summary) ? Flatten(summary) : null;

    private string Flatten(XElement summary)
    {
        var text = new StringBuilder();
        foreach (var node in summary.Nodes())
        {
            text.Append(node switch
            {
                XText plain => plain.Value,
                XElement { Name.LocalName: "see" } see => WireName((string)see.Attribute("cref")!),
                XElement element => element.Value,
                _ => "",
            });
        }

        return WhiteSpace().Replace(text.ToString(), " ").Trim();
    }

    /// <summary>People who read the schema know fields by their names in YAML.</summary>
    private string WireName(string reference)
    {
        var name = reference[(reference.LastIndexOf('.') + 1)..];
        var owner = reference[2..Math.Max(2, reference.LastIndexOf('.'))];
        var property = reference.StartsWith("P:", StringComparison.Ordinal)
            ? _assembly.GetType(owner)?.GetProperty(name)
            : null;
        return property?.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name ?? name;
    }

    [GeneratedRegex(@"\s+")]
    private static partial Regex WhiteSpace();
}
