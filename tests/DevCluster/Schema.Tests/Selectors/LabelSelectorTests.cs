using System.Text.Json.Nodes;
using CsCheck;
using DevCluster.Schema.Selectors;

namespace DevCluster.Schema.Tests.Selectors;

public sealed class LabelSelectorTests
{
    private static readonly Gen<string> Words = Gen.OneOf<string>("a", "b", "app.example/c");
    private static readonly Gen<Dictionary<string, string>> Labels =
        Gen.Dictionary(Words, Words.Select(word => word.Split('/')[0]))[0, 3];

    [Fact]
    public void In_and_not_in_divide_all_objects() =>
        Gen.Select(Words, Words.Select(word => word.Split('/')[0]), Labels).Sample((key, value, labels) =>
        {
            var content = Content(labels);
            return LabelSelector.Parse($"{key} in ({value})")
                .Matches(content) != LabelSelector.Parse($"{key} notin ({value})").Matches(content)
                && LabelSelector.Parse($"{key}={value}")
                    .Matches(content) != LabelSelector.Parse($"{key}!={value}").Matches(content)
                && LabelSelector.Parse(key).Matches(content) != LabelSelector.Parse($"!{key}").Matches(content);
        });

    [Fact]
    public void Terms_are_joined_by_and() => Gen.Select(Words, Words, Labels).Sample((one, two, labels) =>
        LabelSelector.Parse($"{one},{two}")
            .Matches(Content(labels)) == (labels.ContainsKey(one) && labels.ContainsKey(two)));

    private static JsonObject Content(Dictionary<string, string> labels) => new()
    {
        ["metadata"] = new JsonObject
        {
            ["labels"] = new JsonObject(
                labels.Select(label => KeyValuePair.Create<string, JsonNode?>(label.Key, label.Value))),
        },
    };
}
