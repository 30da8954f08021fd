using System.Text.Json.Nodes;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Json;

namespace DevCluster.ApiServer.Admission.Policies;

/// <summary>Why a policy refuses a request: the message and the reason of the response's Status.</summary>
internal sealed record PolicyDenial(string Message, string Reason = "Invalid");

/// <summary>
/// A ValidatingAdmissionPolicy with compiled expressions. It evaluates one request at a time and keeps no state.
/// </summary>
internal sealed class CompiledPolicy
{
    private const long BudgetOfConditions = CelProgram.Budget / 4;

    private readonly Dictionary<string, PolicyExpression> _variables = new(StringComparer.Ordinal);
    private readonly List<PolicyExpression> _conditions;
    private readonly List<Validation> _validations;
    private readonly List<PolicyExpression> _annotations;
    private readonly bool _isIgnored;

    public CompiledPolicy(string name, JsonObject content)
    {
        Name = name;
        var spec = content.Map("spec") ?? [];
        Constraints = spec.Map("matchConstraints") ?? [];
        ParameterKind = spec.Map("paramKind");
        _isIgnored = spec.Text("failurePolicy") == "Ignore";
        var declarations = new PolicyDeclarations(
            ParameterKind is not null, hasComposition: spec.Items("variables").Count > 0);
        foreach (var variable in spec.Items("variables"))
        {
            var expression = PolicyExpression.Compile(variable.Text("expression") ?? "", declarations.All);
            var variableName = variable.Text("name") ?? "";
            declarations.Compose(variableName, expression);

            // The last of several variables with the same name applies, as in Kubernetes.
            _variables[variableName] = expression;
        }

        _conditions =
        [
            .. spec.Items("matchConditions").Select(condition => PolicyExpression.Compile(
                condition.Text("expression") ?? "", declarations.All, CelType.Bool)),
        ];
        _validations = [.. spec.Items("validations").Select(item => Validation.Compile(item, declarations))];
        _annotations =
        [
            .. spec.Items("auditAnnotations").Select(item => PolicyExpression.Compile(
                item.Text("valueExpression") ?? "", declarations.All, CelType.String, CelType.Null)),
        ];
    }

    public string Name { get; }

    public JsonObject Constraints { get; }

    public JsonObject? ParameterKind { get; }

    /// <summary>The denials caused by an error in the policy itself; empty if its failure policy is Ignore.</summary>
    public IEnumerable<PolicyDenial> Failure(string message) => _isIgnored ? [] : [new PolicyDenial(message)];

    /// <summary>All reasons to deny the request, in the order of the validations; empty if it is admitted.</summary>
    public IEnumerable<PolicyDenial> Judge(PolicyInput input)
    {
        try
        {
            return IsConcerned(input, out var problem)
                ? problem is null ? [.. JudgeConcerned(input)] : Failure(problem)
                : [];
        }
        catch (PolicyBudgetException exceeded)
        {
            return Failure(exceeded.Message);
        }
    }

    /// <summary>A condition that is false excludes the request, even if other conditions fail.</summary>
    private bool IsConcerned(PolicyInput input, out string? problem)
    {
        problem = null;
        var activation = new PolicyActivation(input, _variables, hasAuthorizer: true, BudgetOfConditions);
        var problems = new List<string>();
        foreach (var condition in _conditions)
        {
            var (value, failure) = activation.Evaluate(condition);
            if (failure is not null)
            {
                problems.Add(failure);
            }
            else if (value is false)
            {
                return false;
            }
        }

        problem = problems.Count switch
        {
            0 => null,
            1 => problems[0],
            _ => $"[{string.Join(", ", problems)}]",
        };
        return true;
    }

    private IEnumerable<PolicyDenial> JudgeConcerned(PolicyInput input)
    {
        var activation = new PolicyActivation(input, _variables, hasAuthorizer: true, CelProgram.Budget);
        var outcomes = _validations.Select(validation => activation.Evaluate(validation.Expression)).ToList();
        var messages = new PolicyActivation(input, _variables, hasAuthorizer: false, activation.Remaining);
        foreach (var (i, outcome) in outcomes.Index())
        {
            var (value, failure) = outcome;
            if (failure is not null)
            {
                foreach (var denial in Failure(failure))
                {
                    yield return denial;
                }
            }
            else if (value is not true)
            {
                yield return new PolicyDenial(Message(_validations[i], messages), _validations[i].Reason);
            }
        }

        // There is no audit log, but an annotation whose evaluation fails still denies the request.
        var annotations = new PolicyActivation(input, _variables, hasAuthorizer: true, CelProgram.Budget);
        foreach (var denial in _annotations.Select(annotations.Evaluate)
            .Where(outcome => outcome.Problem is not null)
            .SelectMany(outcome => Failure(outcome.Problem!)))
        {
            yield return denial;
        }
    }

    private static string Message(Validation validation, PolicyActivation activation)
    {
        if (validation.MessageExpression is { } expression)
        {
            try
            {
                if (CelOutcome.Message(activation.Evaluate(expression).Value) is { } message)
                {
                    return message;
                }
            }
            catch (PolicyBudgetException exceeded)
            {
                return $"failed messageExpression: {exceeded.Message}";
            }
        }

        return validation.Message.Length > 0
            ? validation.Message
            : $"failed expression: {validation.Expression.Text.Trim()}";
    }

    private sealed record Validation(
        PolicyExpression Expression, PolicyExpression? MessageExpression, string Message, string Reason)
    {
        public static Validation Compile(JsonObject item, PolicyDeclarations declarations) => new(
            PolicyExpression.Compile(item.Text("expression") ?? "", declarations.All, CelType.Bool),
            item.Text("messageExpression") is { Length: > 0 } message
                ? PolicyExpression.Compile(message, declarations.ForMessages, CelType.String)
                : null,
            (item.Text("message") ?? "").Trim(),
            item.Text("reason") ?? "Invalid");
    }
}
