namespace DevCluster.Schema.Cel;

/// <summary>
/// The authorizer of admission policies: <c>authorizer.group('apps').resource('deployments').check('create')</c>. The
/// expression builds a question, which the host that bound the variable answers.
/// </summary>
internal static class AuthorizerFunctions
{
    /// <summary>The cost of a check: two checks fit within the limit of one evaluation.</summary>
    public const long CheckCost = 350_000;

    public static void AddTo(CelFunctionTable table)
    {
        table.Method("authorizer", "path", "string", "pathcheck", arguments =>
            IsBlank(arguments[1])
                ? new CelError("path must not be empty")
                : new CelPathCheck((CelAuthorizer)arguments[0], (string)arguments[1]));
        table.Method("authorizer", "group", "string", "groupcheck", arguments =>
            new CelGroupCheck((CelAuthorizer)arguments[0], (string)arguments[1]));
        table.Method("authorizer", "serviceAccount", "string, string", "authorizer", arguments =>
            ((CelAuthorizer)arguments[0]) with { ServiceAccount = ((string)arguments[1], (string)arguments[2]) });
        table.Method("groupcheck", "resource", "string", "resourcecheck", arguments =>
            IsBlank(arguments[1])
                ? new CelError("resource must not be empty")
                : new CelResourceCheck((CelGroupCheck)arguments[0], (string)arguments[1]));
        Narrow(table, "subresource", (check, value) => check with { Subresource = value });
        Narrow(table, "namespace", (check, value) => check with { Namespace = value });
        Narrow(table, "name", (check, value) => check with { Name = value });

        // RBAC ignores selectors, so a narrower question has the same answer.
        Narrow(table, "fieldSelector", (check, _) => check);
        Narrow(table, "labelSelector", (check, _) => check);
        table.Method("pathcheck", "check", "string", "decision", arguments =>
            ((CelPathCheck)arguments[0]).Decide((string)arguments[1]));
        table.Method("resourcecheck", "check", "string", "decision", arguments =>
            ((CelResourceCheck)arguments[0]).Decide((string)arguments[1]));
        table.Method("decision", "allowed", "", "bool", arguments => ((CelDecision)arguments[0]).IsAllowed);
        table.Method("decision", "reason", "", "string", arguments => ((CelDecision)arguments[0]).Reason);
        table.Method("decision", "errored", "", "bool", _ => false);
        table.Method("decision", "error", "", "string", _ => "");
    }

    private static void Narrow(
        CelFunctionTable table, string function, Func<CelResourceCheck, string, CelResourceCheck> change) =>
        table.Method("resourcecheck", function, "string", "resourcecheck", arguments =>
            change((CelResourceCheck)arguments[0], (string)arguments[1]));

    private static bool IsBlank(object text) => string.IsNullOrWhiteSpace((string)text);
}

/// <summary>A value that expressions can use only as the receiver of methods.</summary>
internal abstract record CelReceiver(CelType Type);

/// <summary>The question whether a user (null for the author of the request) may access a resource or path.</summary>
internal sealed record CelAccessQuestion(string Verb)
{
    public (string Namespace, string Name)? ServiceAccount { get; init; }

    public string? Path { get; init; }

    public string Group { get; init; } = "";

    public string Resource { get; init; } = "";

    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";
}

internal sealed record CelDecision(bool IsAllowed, string Reason) : CelReceiver(CelType.Decision);

internal sealed record CelAuthorizer(Func<CelAccessQuestion, CelDecision> Answer) : CelReceiver(CelType.Authorizer)
{
    public (string Namespace, string Name)? ServiceAccount { get; init; }
}

internal sealed record CelPathCheck(CelAuthorizer Authorizer, string Path) : CelReceiver(CelType.PathCheck)
{
    public CelDecision Decide(string verb) => Authorizer.Answer(
        new CelAccessQuestion(verb) { ServiceAccount = Authorizer.ServiceAccount, Path = Path });
}

internal sealed record CelGroupCheck(CelAuthorizer Authorizer, string Group) : CelReceiver(CelType.GroupCheck);

internal sealed record CelResourceCheck(CelGroupCheck Group, string Resource) : CelReceiver(CelType.ResourceCheck)
{
    public string Subresource { get; init; } = "";

    public string Namespace { get; init; } = "";

    public string Name { get; init; } = "";

    public CelDecision Decide(string verb) => Group.Authorizer.Answer(new CelAccessQuestion(verb)
    {
        ServiceAccount = Group.Authorizer.ServiceAccount,
        Group = Group.Group,
        Resource = Resource,
        Subresource = Subresource,
        Namespace = Namespace,
        Name = Name,
    });
}
