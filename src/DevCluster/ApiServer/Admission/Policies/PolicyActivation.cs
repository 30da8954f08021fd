using System.Text.Json.Nodes;
using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Registry;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Admission.Policies;

/// <summary>The cost budget is exhausted, so no further expression is evaluated.</summary>
internal sealed class PolicyBudgetException() : Exception(CelProgram.BudgetExceeded);

/// <summary>A request as seen by the expressions of a policy.</summary>
internal sealed class PolicyInput
{
    private readonly Dictionary<string, object> _values = new(StringComparer.Ordinal);

    public PolicyInput(
        AdmissionContext context, PolicyMatch match, JsonObject? ns, JsonObject? parameters, RbacAuthorizer authorizer)
    {
        _values[PolicyDeclarations.Object] = CelUntyped.ToValue(match.InVersion(context.Object));
        _values[PolicyDeclarations.OldObject] = CelUntyped.ToValue(match.InVersion(context.Old));
        _values[PolicyDeclarations.NamespaceObject] = CelUntyped.ToValue(Namespace(ns));
        _values[PolicyDeclarations.Parameters] = CelUntyped.ToValue(parameters);
        _values[PolicyDeclarations.Request] = CelUntyped.ToValue(Request(context, match));
        var asking = new CelAuthorizer(question => Answer(authorizer, context.User, question));
        _values[PolicyDeclarations.Authorizer] = asking;
        _values[PolicyDeclarations.RequestResource] =
            new CelResourceCheck(new CelGroupCheck(asking, context.Resource.Group), context.Definition.Id.Plural)
            {
                Subresource = context.Subresource ?? "",
                Namespace = context.Namespace ?? "",
                Name = context.Name,
            };
    }

    public object? Find(string name) => _values.GetValueOrDefault(name);

    private static JsonObject? Namespace(JsonObject? ns)
    {
        var seen = ns?.DeepClone().AsObject();
        seen?.Map("metadata")?.Remove("managedFields");
        seen?.Map("metadata")?.Remove("ownerReferences");
        return seen;
    }

    private static JsonObject Request(AdmissionContext context, PolicyMatch match)
    {
        var user = context.User;
        var request = new JsonObject
        {
            ["uid"] = "",
            ["kind"] = match.Kind(context),
            ["resource"] = PolicyMatch.ResourceOf(match.Definition),
            ["requestKind"] = new PolicyMatch(context.Definition).Kind(context),
            ["requestResource"] = PolicyMatch.ResourceOf(context.Definition),
            ["operation"] = PolicyMatch.OperationOf(context),
            ["dryRun"] = context.DryRun,
            ["userInfo"] = new JsonObject
            {
                ["username"] = user.Name,
                ["groups"] = new JsonArray([.. user.Groups.Select(group => (JsonNode)group)]),
            },
        };
        if (context.Name.Length > 0)
        {
            request["name"] = context.Name;
        }

        if (user.Uid.Length > 0)
        {
            request["userInfo"]!["uid"] = user.Uid;
        }

        if (user.Extra.Count > 0)
        {
            request["userInfo"]!["extra"] = new JsonObject(user.Extra.Select(pair =>
                KeyValuePair.Create<string, JsonNode?>(
                    pair.Key, new JsonArray([.. pair.Value.Select(value => (JsonNode)value)]))));
        }

        if (context.Namespace is not null)
        {
            request["namespace"] = context.Namespace;
        }

        if (context.Subresource is not null)
        {
            request["subResource"] = context.Subresource;
            request["requestSubResource"] = context.Subresource;
        }

        return request;
    }

    private static CelDecision Answer(RbacAuthorizer authorizer, UserInfo author, CelAccessQuestion question)
    {
        var user = question.ServiceAccount is { } account ? ServiceAccount(account.Namespace, account.Name) : author;
        var isAllowed = authorizer.IsAllowed(new AccessRequest(user, question.Verb)
        {
            IsResource = question.Path is null,
            Path = question.Path ?? "",
            Group = question.Group,
            Plural = question.Resource,
            Subresource = question.Subresource,
            Namespace = question.Namespace,
            Name = question.Name,
        });
        return new CelDecision(isAllowed, "");
    }

    private static UserInfo ServiceAccount(string ns, string name) => new(
        $"system:serviceaccount:{ns}:{name}",
        ["system:serviceaccounts", $"system:serviceaccounts:{ns}", UserInfo.AuthenticatedGroup]);
}

/// <summary>Evaluates expressions over one input within one budget. Variables are evaluated on first use.</summary>
internal sealed class PolicyActivation
{
    private readonly PolicyInput _input;
    private readonly VariableMap _variables;
    private readonly bool _hasAuthorizer;

    public PolicyActivation(
        PolicyInput input,
        IReadOnlyDictionary<string, PolicyExpression> variables,
        bool hasAuthorizer,
        long budget)
    {
        _input = input;
        _hasAuthorizer = hasAuthorizer;
        _variables = new VariableMap(this, variables);
        Remaining = budget;
    }

    public long Remaining { get; private set; }

    /// <exception cref="PolicyBudgetException">The budget is exhausted.</exception>
    public (object? Value, string? Problem) Evaluate(PolicyExpression expression)
    {
        if (expression.Program is null)
        {
            return (null, $"compilation error: {expression.Problem}");
        }

        var outcome = expression.Program.Evaluate(Find);
        Spend(outcome.Cost);
        return outcome.Value is CelError error
            ? (null, $"expression '{expression.Text}' resulted in error: {error.Message}")
            : (outcome.Value, null);
    }

    private void Spend(long cost)
    {
        Remaining -= cost;
        if (Remaining < 0)
        {
            throw new PolicyBudgetException();
        }
    }

    private object? Find(string name) => name switch
    {
        PolicyDeclarations.Variables => _variables,
        PolicyDeclarations.Authorizer or PolicyDeclarations.RequestResource when !_hasAuthorizer => null,
        _ => _input.Find(name),
    };

    private sealed class VariableMap(
        PolicyActivation activation, IReadOnlyDictionary<string, PolicyExpression> expressions) : CelMap
    {
        private readonly Dictionary<string, object> _evaluated = new(StringComparer.Ordinal);

        public override int Count => expressions.Count;

        public override IEnumerable<object> Keys => expressions.Keys;

        public override object? Find(object key)
        {
            if (key is not string name)
            {
                return null;
            }

            if (!_evaluated.TryGetValue(name, out var value))
            {
                if (!expressions.TryGetValue(name, out var expression))
                {
                    return null;
                }

                // A variable can refer to itself only if an earlier one has its name; the kube-apiserver overflows its
                // stack.
                _evaluated[name] = new CelError($"composited variable \"{name}\" refers to itself");
                _evaluated[name] = value = Evaluate(name, expression);
            }

            return value;
        }

        private object Evaluate(string name, PolicyExpression expression)
        {
            if (expression.Program is null)
            {
                return new CelError($"composited variable \"{name}\" fails to compile: {expression.Problem}");
            }

            var outcome = expression.Program.Evaluate(activation.Find);
            activation.Spend(outcome.Cost);
            return outcome.Value is CelError error
                ? new CelError($"composited variable \"{name}\" fails to evaluate: {error.Message}")
                : outcome.Value;
        }
    }
}
