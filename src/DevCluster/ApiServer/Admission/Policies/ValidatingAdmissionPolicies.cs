// Policies: ValidatingAdmissionPolicies and their bindings, and the definitions of webhooks.

using System.Text.Json.Nodes;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Storage;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Resources;
using DevCluster.Schema.Selectors;

namespace DevCluster.ApiServer.Admission.Policies;

/// <summary>
/// Applies ValidatingAdmissionPolicies through their bindings: denies or warns. Audit is ignored, because there is no
/// audit log. Policies are compiled once for each state of the policy objects.
/// </summary>
internal sealed class ValidatingAdmissionPolicies : IAdmissionPlugin
{
    private const string Group = "admissionregistration.k8s.io";

    private static readonly ResourceId Policies = new(Group, "validatingadmissionpolicies");
    private static readonly ResourceId Bindings = new(Group, "validatingadmissionpolicybindings");

    private volatile Snapshot _snapshot = new(-1, []);
    private RbacAuthorizer? _authorizer;

    public void Admit(AdmissionContext context)
    {
        if (context.Subresource is null && context.Object is { } content)
        {
            PolicyDefinitions.Require(context, content);
        }
    }

    public void Validate(AdmissionContext context)
    {
        // Policies do not apply to their own group, so that a broken policy can be repaired.
        if (context.Resource.Group == Group || context.Registry is not ResourceRegistry registry)
        {
            return;
        }

        var hooks = Current(registry).Hooks;
        if (hooks.Count == 0)
        {
            return;
        }

        var ns = context.Namespace is { } name ? registry.Get(KnownResources.Namespaces, null, name)?.Content : null;
        var denials = hooks.SelectMany(hook => Judge(hook, context, ns, registry)).ToList();
        foreach (var denial in denials.Where(denial => denial.Actions.Contains("Warn")))
        {
            context.Warnings.Add(
                $"Validation failed for ValidatingAdmissionPolicy '{denial.Policy}' with binding '{denial.Binding}': "
                + denial.Cause.Message);
        }

        if (denials.FirstOrDefault(denial => denial.Actions.Contains("Deny")) is { } first)
        {
            throw first.Refuse(context);
        }
    }

    private static IEnumerable<Denial> Fail(
        CompiledPolicy policy, string? binding, string message) =>
        policy.Failure(message).Select(cause => new Denial(policy.Name, binding, ["Deny"], cause));

    private Snapshot Current(ResourceRegistry registry)
    {
        var revision = Math.Max(registry.Store.LastChange(Policies), registry.Store.LastChange(Bindings));
        var snapshot = _snapshot;
        if (snapshot.Revision != revision)
        {
            _snapshot = snapshot = Compile(registry, revision, snapshot);
        }

        return snapshot;
    }

    private static Snapshot Compile(ResourceRegistry registry, long revision, Snapshot before)
    {
        var bindings = registry.List(Bindings).ToLookup(binding => binding.Content.Text("spec", "policyName"));
        return new Snapshot(
            revision,
            [
                .. registry.List(Policies)
                    .Where(policy => bindings.Contains(policy.Name))
                    .Select(policy => new Hook(
                        policy,
                        before.Hooks.FirstOrDefault(hook => ReferenceEquals(hook.Source, policy))?.Policy
                            ?? new CompiledPolicy(policy.Name, policy.Content),
                        [.. bindings[policy.Name]])),
            ]);
    }

    private List<Denial> Judge(Hook hook, AdmissionContext context, JsonObject? ns, ResourceRegistry registry)
    {
        var catalog = registry.Catalog.Current;
        var judged = context.Resource == KnownResources.Namespaces ? context.Old : ns;
        if (PolicyMatch.Find(hook.Policy.Constraints, context, judged, catalog) is not { } match)
        {
            return [];
        }

        var denials = new List<Denial>();
        foreach (var binding in hook.Bindings)
        {
            var spec = binding.Content.Map("spec") ?? [];
            if (spec.Map("matchResources") is { } narrowed
                && PolicyMatch.Find(narrowed, context, judged, catalog) is null)
            {
                continue;
            }

            if (PolicyParameters.Problem(hook.Policy, spec, context, registry, out var parameters) is { } problem)
            {
                denials.AddRange(Fail(hook.Policy, problem.IsOfPolicy ? null : binding.Name, problem.Text));
                continue;
            }

            var actions = spec.Texts("validationActions");
            var authorizer = _authorizer ??= new RbacAuthorizer(registry);
            denials.AddRange(parameters
                .SelectMany(item => hook.Policy.Judge(new PolicyInput(context, match, ns, item, authorizer)))
                .Select(cause => new Denial(hook.Policy.Name, binding.Name, actions, cause)));
        }

        return denials;
    }

    private sealed record Snapshot(long Revision, IReadOnlyList<Hook> Hooks);

    /// <summary>A policy with its bindings.</summary>
    private sealed record Hook(StoredObject Source, CompiledPolicy Policy, IReadOnlyList<StoredObject> Bindings);

    private sealed record Denial(string Policy, string? Binding, IReadOnlyList<string> Actions, PolicyDenial Cause)
    {
        public ApiStatusException Refuse(AdmissionContext context)
        {
            var with = Binding is null ? "" : $" with binding '{Binding}'";
            var message = $"ValidatingAdmissionPolicy '{Policy}'{with} denied request: {Cause.Message}";
            var name = context.Name.Length > 0 ? context.Name : "Unknown";
            var forbidden = ApiErrors.Forbidden(context.Definition.Id, name, message);
            forbidden.Details!["causes"] = new JsonArray(new JsonObject { ["message"] = message });
            var code = Cause.Reason switch
            {
                "Forbidden" => 403,
                "RequestEntityTooLarge" => 413,
                _ => 422,
            };
            return new ApiStatusException(code, Cause.Reason, forbidden.Message, forbidden.Details);
        }
    }
}

/// <summary>The objects that a binding passes to its policy as <c>params</c>.</summary>
internal static class PolicyParameters
{
    /// <summary>Why the parameters are not available; null if they are. A null parameter stands for none.</summary>
    public static (string Text, bool IsOfPolicy)? Problem(
        CompiledPolicy policy,
        JsonObject binding,
        AdmissionContext context,
        ResourceRegistry registry,
        out IReadOnlyList<JsonObject?> parameters)
    {
        parameters = [null];
        if (policy.ParameterKind is not { } kind)
        {
            return null;
        }

        var apiVersion = kind.TextOrEmpty("apiVersion");
        if (registry.FindKind(apiVersion, kind.TextOrEmpty("kind")) is not { } definition)
        {
            var (group, version) = ApiVersions.Split(apiVersion);
            return ("failed to configure policy: failed to find resource referenced by paramKind: "
                + $"'{group}/{version}, Kind={kind.Text("kind")}'", true);
        }

        if (binding.Map("paramRef") is not { } reference)
        {
            return null;
        }

        var ns = reference.Text("namespace");
        if (!definition.IsNamespaced && !string.IsNullOrEmpty(ns))
        {
            return Binding("paramRef.namespace must not be provided for a cluster-scoped `paramKind`");
        }

        if (definition.IsNamespaced && string.IsNullOrEmpty(ns) && (ns = context.Namespace) is null)
        {
            return Binding("cannot use namespaced paramRef in policy binding that matches cluster-scoped resources");
        }

        var found = reference.Text("name") is { Length: > 0 } name
            ? new[] { registry.Get(definition.StorageId, definition.IsNamespaced ? ns : null, name) }
                .OfType<StoredObject>()
            : registry.List(definition.StorageId, definition.IsNamespaced ? ns : null)
                .Where(item => LabelSelector.Selects(
                    reference.Map("selector"), item.Content.Map("metadata", "labels")));
        var match = new PolicyMatch(definition);
        parameters = [.. found.Select(item => match.InVersion(item.Content))];
        return parameters.Count == 0 && reference.Text("parameterNotFoundAction") == "Deny"
            ? Binding("no params found for policy binding with `Deny` parameterNotFoundAction")
            : null;
    }

    private static (string Text, bool IsOfPolicy)? Binding(string problem) =>
        ($"failed to configure binding: {problem}", false);
}
