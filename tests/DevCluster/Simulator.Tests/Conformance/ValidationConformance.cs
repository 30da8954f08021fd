using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>
/// Objects of built-in kinds that the API refuses, a file for each kind, with everything that is wrong with each of
/// them. With <c>UPDATE_GOLDEN=1</c> the answers of a real API server are written down.
/// </summary>
public abstract partial class ValidationConformance(IApiUnderTest api) : ApiConformance(api)
{
    private static readonly string Folder = RepositoryFolder.Combine(
        "tests", "DevCluster", "Simulator.Tests", "Conformance", "Invalid");

    private static readonly JsonSerializerOptions Plain = new()
    {
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public static TheoryData<string> Kinds =>
        [.. Directory.GetFiles(Folder, "*.json").Order(StringComparer.Ordinal)
            .Select(file => Path.GetFileNameWithoutExtension(file))];

    /// <summary>Whether this server's answers are the right ones.</summary>
    protected virtual bool IsAuthority => false;

    [Theory]
    [MemberData(nameof(Kinds))]
    public async Task Invalid_objects_are_refused_for_all_that_is_wrong_with_them(string kind)
    {
        var file = Path.Combine(Folder, $"{kind}.json");
        var text = await File.ReadAllTextAsync(file, Cancelled);
        var table = JsonNode.Parse(text.Replace("{namespace}", Namespace, StringComparison.Ordinal))!;
        var answered = new List<JsonArray>();
        var different = new List<string>();
        await PostAsync($"/api/v1/namespaces/{Namespace}/serviceaccounts", """{"metadata":{"name":"default"}}""");
        foreach (var refused in table["cases"]!.AsArray())
        {
            var answer = await AnswerAsync((string)table["path"]!, refused!.AsObject());
            answered.Add(answer);
            if (!JsonNode.DeepEquals(refused["answer"], answer))
            {
                different.Add($"""
                    {refused["name"]}: expected
                    {Lines(refused["answer"])}
                    and got
                    {Lines(answer)}
                    """);
            }
        }

        if (IsAuthority && Environment.GetEnvironmentVariable("UPDATE_GOLDEN") == "1")
        {
            await File.WriteAllTextAsync(file, Written(JsonNode.Parse(text)!, answered), Cancelled);
            return;
        }

        Assert.True(different.Count == 0, string.Join("\n", different));
    }

    private static string Lines(JsonNode? answer) =>
        string.Join("\n", (answer as JsonArray ?? []).Select(line => $"  {line}"));

    /// <summary>The table with these answers: a line for each object and for each problem with it.</summary>
    private string Written(JsonNode table, List<JsonArray> answers)
    {
        string Json(JsonNode? node) => node?.ToJsonString(Plain) ?? "null";
        var written = new StringBuilder($"{{\"path\": {Json(table["path"])}, \"cases\": [");
        var index = 0;
        foreach (var refused in table["cases"]!.AsArray())
        {
            written.Append(index == 0 ? "\n" : ",\n").Append($"{{\"name\": {Json(refused!["name"])},\n");
            written.Append(refused["old"] is { } old ? $" \"old\": {Json(old)},\n" : "");
            written.Append($" \"object\": {Json(refused["object"])},\n \"answer\": [\n  ");
            var lines = answers[index++].Select(line =>
                Json(line).Replace(Namespace, "{namespace}", StringComparison.Ordinal));
            written.AppendJoin(",\n  ", lines).Append("]}");
        }

        return written.Append("\n]}\n").ToString();
    }

    /// <summary>Without UIDs, and without the difference that Go prints below some messages.</summary>
    private static string Comparable(JsonNode? cause) =>
        Uid().Replace($"{cause!["field"]}: {cause["message"]}".Split('\n')[0], "{uid}");

    [GeneratedRegex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")]
    private static partial Regex Uid();

    /// <summary>The code, and the causes of a 422 in order; of other failures the message.</summary>
    private async Task<JsonArray> AnswerAsync(string path, JsonObject refused)
    {
        var content = refused["object"]!.AsObject();
        var item = $"{path}/{content["metadata"]!["name"]}";
        ApiReply reply;
        if (refused["old"] is JsonObject old)
        {
            var created = await PostAsync(path, old.ToJsonString());
            Assert.True(created.Code == 201, created.Message);
            reply = await PatchAsync(item, content.ToJsonString());
            await DeleteAsync(item);
        }
        else
        {
            reply = await PostAsync(path, content.ToJsonString());
            if (reply.Code == 201)
            {
                await DeleteAsync(item);
            }
        }

        var causes = reply.Code == 422 && reply.Body["details"]?["causes"] is JsonArray list
            ? [.. list.Select(Comparable).Order(StringComparer.Ordinal)]
            : (IReadOnlyList<string>)[reply.Code < 300 ? "taken" : reply.Message];
        return [reply.Code, .. causes];
    }
}
