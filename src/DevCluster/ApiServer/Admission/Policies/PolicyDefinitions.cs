using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using DevCluster.ApiServer.Registry;
using DevCluster.ApiServer.Validation;
using DevCluster.Schema.Cel;
using DevCluster.Schema.Errors;
using DevCluster.Schema.Json;
using DevCluster.Schema.Names;

namespace DevCluster.ApiServer.Admission.Policies;

/// <summary>
/// Refuses invalid ValidatingAdmissionPolicies, bindings and webhook configurations, including invalid expressions.
/// </summary>
internal static partial class PolicyDefinitions
{
    private const int MostConditions = 64;

    private static readonly FieldPath Spec = FieldPath.At("spec");

    /// <exception cref="ApiStatusException">422: the policy or binding is invalid.</exception>
    public static void Require(AdmissionContext context, JsonObject content)
    {
        if (context.Resource.Group != "admissionregistration.k8s.io")
        {
            return;
        }

        var findings = new Findings();
        var spec = content.Map("spec") ?? [];
        switch (context.Resource.Plural)
        {
            case "validatingadmissionpolicies":
                Policy(spec, context.Name, findings);
                break;
            case "validatingadmissionpolicybindings":
                Binding(spec, findings);
                break;
            case "validatingwebhookconfigurations" or "mutatingwebhookconfigurations":
                WebhookDefinitions.Validate(content, findings);
                break;
        }

        if (findings.Errors.Count > 0)
        {
            throw ApiErrors.Invalid(
                context.Resource.Group, context.Definition.Kind, context.Name, findings.Errors);
        }
    }

    private static void Policy(JsonObject spec, string name, Findings findings)
    {
        findings.OneOf(Spec["failurePolicy"], spec.Text("failurePolicy"), "Fail", "Ignore");
        if (spec.Map("paramKind") is { } kind)
        {
            ParameterKind(kind, Spec["paramKind"], findings);
        }

        if (spec.Map("matchConstraints") is { } constraints)
        {
            RequestRules.Match(constraints, Spec["matchConstraints"], findings);
            if (constraints.Items("resourceRules").Count == 0)
            {
                findings.Required(Spec["matchConstraints"]["resourceRules"]);
            }
        }
        else
        {
            findings.Required(Spec["matchConstraints"]);
        }

        var declarations = new PolicyDeclarations(
            spec.Map("paramKind") is not null, hasComposition: spec.Items("variables").Count > 0);
        Conditions(spec, declarations, Spec["matchConditions"], findings);
        Variables(spec, declarations, findings);
        if (spec.Items("validations").Count == 0 && spec.Items("auditAnnotations").Count == 0)
        {
            const string detail = "validations or auditAnnotations must contain at least one item";
            findings.Required(Spec["validations"], detail);
            findings.Required(Spec["auditAnnotations"], detail);
            return;
        }

        foreach (var (i, validation) in spec.Items("validations").Index())
        {
            Validation(validation, declarations, Spec["validations"][i], findings);
        }

        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (i, annotation) in spec.Items("auditAnnotations").Index())
        {
            var path = Spec["auditAnnotations"][i];
            if (!keys.Add(annotation.TextOrEmpty("key")))
            {
                findings.Duplicate(path["key"], annotation.TextOrEmpty("key"));
            }

            var key = $"{name}/{annotation.Text("key")}";
            findings.Invalid(path["key"], key, NameFormats.QualifiedName(key));
            Compile(
                annotation.Text("valueExpression"),
                "valueExpression is not specified",
                path["valueExpression"],
                declarations.All,
                findings,
                CelType.String,
                CelType.Null);
        }
    }

    /// <summary>Validates the <c>matchConditions</c> of a policy or a webhook.</summary>
    public static void Conditions(
        JsonObject owner, PolicyDeclarations declarations, FieldPath list, Findings findings)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        var conditions = owner.Items("matchConditions");
        if (conditions.Count > MostConditions)
        {
            findings.TooMany(list, conditions.Count, MostConditions);
        }

        foreach (var (i, condition) in conditions.Index())
        {
            var path = list[i];
            Compile(
                condition.Text("expression")?.Trim(),
                "",
                path["expression"],
                declarations.ForConditions,
                findings,
                CelType.Bool);
            var name = condition.Text("name") ?? "";
            if (name.Length == 0)
            {
                findings.Required(path["name"]);
                continue;
            }

            findings.Invalid(path["name"], name, NameFormats.QualifiedName(name));
            if (!names.Add(name))
            {
                findings.Duplicate(path["name"], name);
            }
        }
    }

    private static void ParameterKind(JsonObject kind, FieldPath path, Findings findings)
    {
        if (kind.NonEmpty("apiVersion") is { } apiVersion)
        {
            ApiVersion(apiVersion, path["apiVersion"], findings);
        }
        else
        {
            findings.Required(path["apiVersion"]);
        }

        if (kind.NonEmpty("kind") is { } name)
        {
            var problems = NameFormats.Label1035(name.ToLowerInvariant());
            if (problems.Count > 0)
            {
                findings.Invalid(
                    path["kind"],
                    name,
                    "may have mixed case, but should otherwise match: " + string.Join(',', problems));
            }
        }
        else
        {
            findings.Required(path["kind"]);
        }
    }

    private static void ApiVersion(string apiVersion, FieldPath path, Findings findings)
    {
        var parts = apiVersion.Split('/');
        var (group, version) = (parts.Length == 2 ? parts[0] : "", parts[^1]);
        if (parts.Length > 2)
        {
            findings.Invalid(path, apiVersion, $"unexpected GroupVersion string: {apiVersion}");
            return;
        }

        if (group.Length > 0 && NameFormats.Subdomain(group) is { Count: > 0 } problems)
        {
            findings.Invalid(path, group, string.Join(',', problems));
        }

        if (version.Length == 0)
        {
            findings.Invalid(path, apiVersion, "version must be specified");
        }
        else if (NameFormats.Label1035(version) is { Count: > 0 } found)
        {
            findings.Invalid(path, version, string.Join(',', found));
        }
    }

    private static void Variables(JsonObject spec, PolicyDeclarations declarations, Findings findings)
    {
        foreach (var (i, variable) in spec.Items("variables").Index())
        {
            var path = Spec["variables"][i];
            var name = variable.Text("name") ?? "";
            if (name.Trim().Length == 0)
            {
                findings.Required(path["name"], "name is not specified");
            }
            else if (!Identifier().IsMatch(name) || CelNames.IsReserved(name))
            {
                findings.Invalid(path["name"], name, "must be a valid CEL identifier");
            }

            if (Compile(
                variable.Text("expression"),
                "expression is not specified",
                path["expression"],
                declarations.All,
                findings) is { } expression)
            {
                declarations.Compose(name, expression);
            }
        }
    }

    private static void Validation(
        JsonObject validation, PolicyDeclarations declarations, FieldPath path, Findings findings)
    {
        Compile(
            validation.Text("expression"),
            "expression is not specified",
            path["expression"],
            declarations.All,
            findings,
            CelType.Bool);
        if (validation.Text("messageExpression") is { Length: > 0 } expression)
        {
            if (expression.Trim().Length == 0)
            {
                findings.Invalid(path["messageExpression"], expression, "must be non-empty if specified");
            }
            else
            {
                Compile(
                    expression, "", path["messageExpression"], declarations.ForMessages, findings, CelType.String);
            }
        }

        if (validation.Text("message") is { Length: > 0 } message)
        {
            if (message.Trim().Length == 0)
            {
                findings.Invalid(path["message"], message, "must be non-empty if specified");
            }
            else if (message.Trim().AsSpan().ContainsAny('\n', '\r'))
            {
                findings.Invalid(path["message"], message, "must not contain line breaks");
            }
        }

        findings.OneOf(
            path["reason"],
            validation.Text("reason"),
            "Forbidden",
            "Invalid",
            "RequestEntityTooLarge");
    }

    private static PolicyExpression? Compile(
        string? text,
        string missing,
        FieldPath path,
        IReadOnlyDictionary<string, CelType> variables,
        Findings findings,
        params IReadOnlyList<CelType> results)
    {
        if (string.IsNullOrWhiteSpace(text))
        {
            findings.Required(path, missing);
            return null;
        }

        var expression = PolicyExpression.Compile(text, variables, results);
        if (expression.Problem is { } problem)
        {
            if (expression.IsInternal)
            {
                findings.Internal(path, problem);
            }
            else
            {
                findings.Invalid(path, text, problem);
            }
        }

        return expression;
    }

    private static void Binding(JsonObject spec, Findings findings)
    {
        var name = spec.Text("policyName") ?? "";
        if (name.Length == 0)
        {
            findings.Required(Spec["policyName"]);
        }
        else
        {
            findings.Invalid(Spec["policyName"], name, NameFormats.Subdomain(name));
        }

        if (spec.Map("paramRef") is { } reference)
        {
            Parameters(reference, Spec["paramRef"], findings);
        }

        if (spec.Map("matchResources") is { } match)
        {
            RequestRules.Match(match, Spec["matchResources"], findings);
        }

        Actions(spec, Spec["validationActions"], findings);
    }

    private static void Parameters(JsonObject reference, FieldPath path, Findings findings)
    {
        var name = reference.NonEmpty("name");
        var hasName = name is not null;
        var selector = reference.Map("selector");
        findings.Invalid(path["name"], name ?? "", name is null ? [] : NameFormats.PathSegment(name));
        LabelSelectorValidation.Validate(selector, findings, path["selector"]);
        if (hasName && selector is not null)
        {
            findings.Forbidden(path["name"], "name and selector are mutually exclusive");
            findings.Forbidden(path["selector"], "name and selector are mutually exclusive");
        }

        if (!hasName && selector is null)
        {
            findings.Required(path, "one of name or selector must be specified");
        }

        if (string.IsNullOrEmpty(reference.Text("parameterNotFoundAction")))
        {
            findings.Required(path["parameterNotFoundAction"]);
        }
        else
        {
            findings.OneOf(
                path["parameterNotFoundAction"], reference.Text("parameterNotFoundAction"), "Deny", "Allow");
        }
    }

    private static void Actions(JsonObject spec, FieldPath path, Findings findings)
    {
        var actions = spec.Texts("validationActions");
        foreach (var (i, action) in actions.Index())
        {
            findings.OneOf(path[i], action, "Audit", "Deny", "Warn");
            if (actions.Take(i).Contains(action))
            {
                findings.Duplicate(path[i], action);
            }
        }

        if (actions.Contains("Deny") && actions.Contains("Warn"))
        {
            findings.Invalid(
                path,
                spec["validationActions"],
                "must not contain both Deny and Warn (repeating the same validation failure information in the API "
                + "response and headers serves no purpose)");
        }

        if (actions.Count == 0)
        {
            findings.Required(path, "at least one validation action is required");
        }
    }

    [GeneratedRegex("^[_a-zA-Z][_a-zA-Z0-9]*$")]
    private static partial Regex Identifier();
}
