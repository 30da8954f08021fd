using System.Net;
using System.Text.Json.Nodes;
using Dynospace.Api;
using Dynospace.Api.Spaces;
using Dynospace.EndToEnd.Tests.Client;
using Dynospace.EndToEnd.Tests.Support;
using Dynospace.Runtime;

namespace Dynospace.EndToEnd.Tests.Spaces;

/// <summary>A policy that the API server stores otherwise than the operator writes it.</summary>
public sealed class ChangedByAdmissionTests(Platform platform)
{
    private const string Group = "admissionregistration.k8s.io";

    private static readonly ResourceKind Mutators =
        new(Group, "v1", "mutatingadmissionpolicies", "MutatingAdmissionPolicy", IsNamespaced: false);

    private static readonly ResourceKind Bindings =
        new(Group, "v1", "mutatingadmissionpolicybindings", "MutatingAdmissionPolicyBinding", IsNamespaced: false);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(250);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_policy_that_admission_opens_is_said_to_be_open_and_is_closed_once_the_mutator_goes()
    {
        await using var space = platform.NewSpace();
        await space.StartAsync(SpaceRuntime.Common);
        var policy = space.In("default-deny");
        var before = await space.ThereAsync(Kinds.Policy, policy);
        var mutator = ObjectKey.ClusterScoped($"opens-{space.Name}");
        var made = await platform.Api.CreateAsync(Mutators, Mutator(mutator.Name, space.Name), "", Token);
        Assert.SkipWhen(
            made.Code == HttpStatusCode.NotFound, $"{platform.Traits.Name} has no mutating admission policies.");
        made.Require();
        try
        {
            (await platform.Api.CreateAsync(Bindings, Binding(mutator.Name), "", Token)).Require();
            await UntilInForceAsync(policy);

            await space.DeleteAsync(Kinds.Policy, policy);

            var isolated = await space.ConditionAsync(
                Kinds.Space, space.Key, ConditionTypes.NetworkIsolated, "False", Reasons.ChangedByAdmission);
            Assert.Contains("default-deny", isolated.Message, StringComparison.Ordinal);
        }
        finally
        {
            await platform.Api.DeleteAsync(Bindings, mutator, CancellationToken.None);
            await platform.Api.DeleteAsync(Mutators, mutator, CancellationToken.None);
        }

        await space.UntilAsync(
            "the policy is closed",
            state => state.Find(Kinds.Policy, policy) is { } now
                && JsonNode.DeepEquals(now.Content["spec"], before.Content["spec"])
                    ? now
                    : null);
        await space.ConditionAsync(Kinds.Space, space.Key, ConditionTypes.NetworkIsolated, "True", Reasons.Applied);
    }

    /// <summary>The API server takes a moment to learn of a mutator: an update that is not stored shows it.</summary>
    private async Task UntilInForceAsync(ObjectKey policy)
    {
        var touch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["annotations"] = new JsonObject { ["example.org/touched"] = "yes" } },
        };
        while (true)
        {
            var answer = await platform.Api.SendAsync(
                HttpMethod.Patch,
                Kinds.Policy.ObjectPath(policy) + "?dryRun=All",
                touch,
                ApiClient.MergePatch,
                ApiClient.Json,
                Token);
            if (answer.Require()["spec"]!["policyTypes"]!.AsArray().Count == 1)
            {
                return;
            }

            await Task.Delay(Pause, Token);
        }
    }

    private static JsonObject Mutator(string name, string ns) => new()
    {
        ["apiVersion"] = $"{Group}/v1",
        ["kind"] = "MutatingAdmissionPolicy",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["failurePolicy"] = "Ignore",
            ["reinvocationPolicy"] = "Never",
            ["matchConstraints"] = new JsonObject
            {
                ["namespaceSelector"] = new JsonObject
                {
                    ["matchLabels"] = new JsonObject { ["kubernetes.io/metadata.name"] = ns },
                },
                ["resourceRules"] = new JsonArray(new JsonObject
                {
                    ["apiGroups"] = new JsonArray("networking.k8s.io"),
                    ["apiVersions"] = new JsonArray("v1"),
                    ["operations"] = new JsonArray("CREATE", "UPDATE"),
                    ["resources"] = new JsonArray("networkpolicies"),
                }),
            },
            ["matchConditions"] = new JsonArray(new JsonObject
            {
                ["name"] = "default-deny",
                ["expression"] = "object.metadata.name == 'default-deny'",
            }),
            ["mutations"] = new JsonArray(new JsonObject
            {
                ["patchType"] = "JSONPatch",
                ["jsonPatch"] = new JsonObject
                {
                    ["expression"] = """
                        [JSONPatch{op: "replace", path: "/spec/policyTypes", value: ["Ingress"]}]
                        """,
                },
            }),
        },
    };

    private static JsonObject Binding(string name) => new()
    {
        ["apiVersion"] = $"{Group}/v1",
        ["kind"] = "MutatingAdmissionPolicyBinding",
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject { ["policyName"] = name },
    };
}
