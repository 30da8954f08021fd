using System.Text.Json.Nodes;
using CsCheck;
using DevCluster.Schema.Selectors;

namespace DevCluster.Schema.Tests.Selectors;

public sealed class LabelSelectorTests
{
    private static readonly Gen<string> Words = Gen.OneOf<string>("a", "b", "app.example/c");
    private static readonly Gen<string> Values = Words.Select(word => word.Split('/')[0]);
    private static readonly Gen<JsonObject> Labels = Gen.Dictionary(Words, Values)[0, 3].Select(
        labels => new JsonObject(
            labels.Select(label => KeyValuePair.Create<string, JsonNode?>(label.Key, label.Value))));

    [Fact]
    public void In_and_not_in_divide_all_objects() =>
        Gen.Select(Words, Values, Labels).Sample((key, value, labels) =>
            Matches($"{key} in ({value})", labels) != Matches($"{key} notin ({value})", labels)
            && Matches($"{key}={value}", labels) != Matches($"{key}!={value}", labels)
            && Matches(key, labels) != Matches($"!{key}", labels));

    [Fact]
    public void Terms_are_joined_by_and() => Gen.Select(Words, Words, Labels).Sample((one, two, labels) =>
        Matches($"{one},{two}", labels) == (labels.ContainsKey(one) && labels.ContainsKey(two)));

    [Theory]
    [InlineData("""{"matchLabels":{"b":"1","a":"2"}}""", "a=2,b=1")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"In","values":["y","x"]}]}""", "a in (x,y)")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"NotIn","values":["x"]}]}""", "a notin (x)")]
    [InlineData("""{"matchExpressions":[{"key":"b","operator":"Exists"}],"matchLabels":{"a":"1"}}""", "a=1,b")]
    [InlineData("""{"matchExpressions":[{"key":"a","operator":"DoesNotExist"}]}""", "!a")]
    [InlineData("{}", "")]
    public void Both_forms_say_the_same(string json, string text)
    {
        var selector = JsonNode.Parse(json);

        Assert.Equal(text, LabelSelector.FromJson(selector).ToString());
        Assert.Equal(text, LabelSelector.Parse(text).ToString());
        Labels.Sample(labels => LabelSelector.FromJson(selector).Matches(labels) == Matches(text, labels));
    }

    [Fact]
    public void A_missing_selector_selects_nothing_and_an_empty_one_everything() => Labels.Sample(labels =>
        !LabelSelector.Selects(null, labels) && LabelSelector.Selects([], labels));

    private static bool Matches(string selector, JsonObject labels) => LabelSelector.Parse(selector).Matches(labels);
}
