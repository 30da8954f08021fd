using System.Text.Json.Nodes;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;
using Dynospace.Testing.Admission;
using k8s.Models;

namespace Dynospace.EndToEnd.Tests.Api;

/// <summary>What the API server with our CRDs says to objects, valid and not: each field, value and remedy.</summary>
public sealed class AdmissionTests(Platform platform, AdmissionTests.Place place) : IClassFixture<AdmissionTests.Place>
{
    public static TheoryData<string> Names => [.. AdmissionCases.All.Select(entry => entry.ToString())];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task The_server_says(string name)
    {
        var token = TestContext.Current.CancellationToken;
        var entry = AdmissionCases.All.Single(item => item.ToString() == name);
        var kind = new[] { Kinds.Space, Kinds.App, Kinds.Dyno, Kinds.NodeNetwork }
            .Single(known => known.Kind == entry.Kind);

        var answer = entry.Before is { } before
            ? await UpdateAsync(kind, before, entry.Object, token)
            : await platform.Api.CreateAsync(
                kind, await PlacedAsync(kind, entry.Object), "?dryRun=All&fieldValidation=Strict", token);

        if (entry.IsAdmitted)
        {
            answer.Require();
            return;
        }

        Assert.False(answer.IsSuccess, "The server admitted it.");
        Assert.All(entry.Says, part => Assert.Contains(part, answer.Message, StringComparison.Ordinal));
    }

    private async Task<ApiAnswer> UpdateAsync(
        ResourceKind kind, JsonObject before, JsonObject after, CancellationToken token)
    {
        var placed = (await PlacedAsync(kind, before), await PlacedAsync(kind, after));
        if (kind == Kinds.Space)
        {
            // A Space of its own, since this one is stored and the operator acts on it.
            var name = platform.UniqueName();
            placed.Item1["metadata"]!["name"] = name;
            placed.Item2["metadata"]!["name"] = name;
        }

        var stored = (await platform.Api.CreateAsync(kind, placed.Item1, "", token)).Require();
        var key = JsonObjects.KeyOf(stored);
        try
        {
            return await platform.Api.PatchAsync(kind, key, Difference(placed.Item1, placed.Item2), null, token);
        }
        finally
        {
            await platform.Api.DeleteAsync(kind, key, CancellationToken.None);
        }
    }

    private async Task<JsonObject> PlacedAsync(ResourceKind kind, JsonObject value)
    {
        var placed = value.DeepClone().AsObject();
        if (kind.IsNamespaced && placed["metadata"] is JsonObject metadata)
        {
            metadata["namespace"] = await place.NamespaceAsync(platform);
        }

        return placed;
    }

    /// <summary>
    /// The merge patch from one to the other, which meets whatever the operator writes meanwhile without a conflict.
    /// </summary>
    private static JsonObject Difference(JsonObject before, JsonObject after)
    {
        var patch = new JsonObject();
        foreach (var name in before.Select(member => member.Key).Union(after.Select(member => member.Key)))
        {
            var (old, now) = (before[name], after[name]);
            if (!JsonNode.DeepEquals(old, now))
            {
                patch[name] = old is JsonObject oldObject && now is JsonObject newObject
                    ? Difference(oldObject, newObject)
                    : now?.DeepClone();
            }
        }

        return patch;
    }

    /// <summary>A namespace for all cases, made by the first.</summary>
    public sealed class Place
    {
        private string? _namespace;

        internal async Task<string> NamespaceAsync(Platform platform)
        {
            if (_namespace is null)
            {
                var name = platform.UniqueName();
                (await platform.Api.CreateAsync(
                    new V1Namespace { ApiVersion = "v1", Kind = "Namespace", Metadata = new() { Name = name } },
                    TestContext.Current.CancellationToken)).Require();
                _namespace = name;
            }

            return _namespace;
        }
    }
}
