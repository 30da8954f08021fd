using System.Text.Json.Nodes;
using Dynospace.Testing.Admission;
using Xunit;

namespace Dynospace.Api.Tests.Crds;

public sealed class SchemaTests
{
    /// <summary>Shorter parts, such as a field's name, could belong to any rule.</summary>
    private const int MinimumQuote = 15;

    public static TheoryData<string> Names => new(GeneratedCrds.All.Keys);

    [Theory, MemberData(nameof(Names))]
    public void Every_field_has_a_description(string name)
    {
        var silent = SchemaTree.Walk(GeneratedCrds.Schema(name))
            .Where(node => node.Path is not ".metadata"
                && !node.Path.EndsWith("[]", StringComparison.Ordinal)
                && !node.Path.EndsWith("{}", StringComparison.Ordinal))
            .Where(node => string.IsNullOrWhiteSpace((string?)node.Schema["description"]));
        Assert.Empty(silent.Select(node => node.Path));
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_field_has_one_type_and_objects_are_closed(string name) => Assert.All(
        SchemaTree.Walk(GeneratedCrds.Schema(name)),
        node =>
        {
            Assert.Contains((string?)node.Schema["type"], new[] { "object", "array", "string", "integer", "boolean" });
            Assert.Equal((string)node.Schema["type"]! == "array", node.Schema.ContainsKey("items"));
            Assert.False(
                node.Schema.ContainsKey("properties") && node.Schema.ContainsKey("additionalProperties"), node.Path);
            Assert.False(node.Schema.ContainsKey("x-kubernetes-preserve-unknown-fields"), node.Path);
        });

    [Theory, MemberData(nameof(Names))]
    public void What_is_required_exists_and_has_no_default(string name) => Assert.All(
        SchemaTree.Walk(GeneratedCrds.Schema(name)),
        node => Assert.All(node.Schema["required"] as JsonArray ?? [], required =>
        {
            var property = Assert.IsType<JsonObject>(node.Schema["properties"]![(string)required!]);
            Assert.False(property.ContainsKey("default"), $"{node.Path}.{required}");
        }));

    /// <summary>The server would store them in every item, and client-side apply and Argo CD would see drift.</summary>
    [Theory, MemberData(nameof(Names))]
    public void Items_of_lists_have_no_defaults(string name) => Assert.Empty(
        SchemaTree.Walk(GeneratedCrds.Schema(name))
            .Where(node => node.Path.Contains("[]", StringComparison.Ordinal) && node.Schema.ContainsKey("default"))
            .Select(node => node.Path));

    [Theory, MemberData(nameof(Names))]
    public void Keys_of_list_maps_are_required_fields_of_their_items(string name) => Assert.All(
        SchemaTree.Walk(GeneratedCrds.Schema(name)),
        node => Assert.All(node.Schema["x-kubernetes-list-map-keys"] as JsonArray ?? [], key =>
            Assert.Contains(
                (string)key!, node.Schema["items"]!["required"]!.AsArray().Select(required => (string)required!))));

    [Theory, MemberData(nameof(Names))]
    public void What_people_write_is_bounded(string name)
    {
        // CEL's cost limit counts with the longest value; a selector is Kubernetes' own and no rule reads into it.
        var unbounded = SchemaTree.Walk(GeneratedCrds.Schema(name)["properties"]!["spec"]!.AsObject(), "spec")
            .Where(node => !node.Path.Contains(".podSelector", StringComparison.Ordinal))
            .Where(node => (string)node.Schema["type"]! switch
            {
                "string" => !node.Schema.ContainsKey("maxLength") && !node.Schema.ContainsKey("enum"),
                "array" => !node.Schema.ContainsKey("maxItems"),
                "integer" => !node.Schema.ContainsKey("maximum"),
                _ => node.Schema.ContainsKey("additionalProperties") && !node.Schema.ContainsKey("maxProperties"),
            });
        Assert.Empty(unbounded.Select(node => node.Path));
    }

    [Theory, MemberData(nameof(Names))]
    public void Every_rule_is_broken_by_a_case(string name)
    {
        var kind = (string)GeneratedCrds.All[name]["spec"]!["names"]!["kind"]!;
        var said = AdmissionCases.All.Where(found => found.Kind == kind).SelectMany(found => found.Says).ToList();
        Assert.All(
            SchemaTree.Walk(GeneratedCrds.Schema(name)).SelectMany(node => SchemaTree.Rules(node.Schema)),
            rule => Assert.Contains(said, part => Speaks(rule, part)));
    }

    [Fact]
    public void Only_apps_scale()
    {
        Assert.Equal(
            ["apps"],
            GeneratedCrds.All.Keys.Where(name => GeneratedCrds.Version(name)["subresources"]!.AsObject()
                .ContainsKey("scale")));
        Assert.All(
            GeneratedCrds.All.Keys, name => Assert.NotNull(GeneratedCrds.Version(name)["subresources"]!["status"]));
    }

    [Fact]
    public void Names_differ_from_one_another()
    {
        var all = GeneratedCrds.All.Values.Select(crd => crd["spec"]!["names"]!)
            .SelectMany(names => names["shortNames"]!.AsArray().Append(names["singular"]).Append(names["plural"]))
            .Select(name => (string)name!).ToList();
        Assert.Equal(all.Distinct(), all);
    }

    /// <summary>Cases quote the message, or the part of it behind the value that it quotes.</summary>
    private static bool Speaks(JsonObject rule, string part)
    {
        var quoted = part[(part.LastIndexOf('"') + 1)..].Trim();
        var sentences = rule["messageExpression"] is { } expression
            ? ((string)expression!).Split('\'')
            : [(string)rule["message"]!];
        return quoted.Length >= MinimumQuote && sentences.Any(sentence =>
            sentence.Contains(quoted, StringComparison.Ordinal)
            || (sentence.Trim().Length >= MinimumQuote && quoted.Contains(sentence, StringComparison.Ordinal)));
    }
}
