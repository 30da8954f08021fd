using System.Text.Json.Nodes;

namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>ValidatingAdmissionPolicies: what is refused when one is applied, and what it refuses then.</summary>
public abstract class AdmissionPolicyConformance(IApiUnderTest api) : ApiConformance(api)
{
    private const string Policies = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies";
    private const string Bindings = "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings";
    private const string Rules =
        """{"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"]}]}""";

    private const string TwoVariables =
        ""","variables":[{"name":"a","expression":"1"},{"name":"a","expression":"2"}]""";

    /// <summary>
    /// A policy's spec, a ConfigMap, and the answer: 201, or the code and what follows "denied request: ".
    /// </summary>
    private static readonly (string Spec, string Content, int Code, string Message)[] Verdicts =
    [
        (Validation("true"), "", 201, ""),
        (Validation("object.data.a == 'b'"), ""","data":{"a":"b"}""", 201, ""),
        (Validation("object.data.a == 'b'"), ""","data":{"a":"c"}""", 422, "failed expression: object.data.a == 'b'"),
        (
            Validation("object.data.a == 'b'"),
            "",
            422,
            "expression 'object.data.a == 'b'' resulted in error: no such key: data"),
        (Validation("object.data.a == 'b'", "", ""","failurePolicy":"Ignore" """), "", 201, ""),
        (Validation("has(object.data) && object.data.size() == 1"), ""","data":{"a":"c"}""", 201, ""),
        (Validation("false", ""","message":" say why " """), "", 422, "say why"),
        (Validation("false", ""","reason":"Forbidden","message":"no" """), "", 403, "no"),
        (Validation("false", ""","reason":"RequestEntityTooLarge","message":"no" """), "", 413, "no"),
        (
            Validation("false", ""","messageExpression":"'not ' + object.data.a","message":"no" """),
            ""","data":{"a":"c"}""",
            422,
            "not c"),
        (Validation("false", ""","messageExpression":"'not ' + object.data.a","message":"no" """), "", 422, "no"),
        (Validation("false", ""","messageExpression":"'  '","message":"no" """), "", 422, "no"),
        (Validation("false", ""","messageExpression":"'a\\nb'" """), "", 422, "failed expression: false"),
        (Validation("oldObject == null && request.operation == 'CREATE'"), "", 201, ""),
        (Validation("request.kind.kind == 'ConfigMap' && request.resource.resource == 'configmaps'"), "", 201, ""),
        (Validation(
            "request.namespace == object.metadata.namespace && request.name == object.metadata.name"), "", 201, ""),
        (Validation("request.dryRun && !has(request.subResource)"), "", 201, ""),
        (Validation(
            "request.userInfo.username != '' && 'system:authenticated' in request.userInfo.groups"), "", 201, ""),
        (Validation("namespaceObject.metadata.name == request.namespace"), "", 201, ""),
        (Validation(
            "namespaceObject.metadata.labels['kubernetes.io/metadata.name'] == request.namespace"), "", 201, ""),
        (Validation("namespaceObject.status.phase == 'Active'"), "", 201, ""),
        (Validation(
            "authorizer.group('').resource('secrets').namespace('default').check('get').allowed()"), "", 201, ""),
        (Validation("authorizer.requestResource.check('create').allowed()"), "", 201, ""),
        (Validation("authorizer.path('/healthz').check('get').allowed()"), "", 201, ""),
        (
            Validation(
                "authorizer.serviceAccount('default', 'nobody').group('').resource('secrets').namespace('default')"
                + ".name('a').subresource('b').check('get').allowed()",
                ""","message":"nobody may" """),
            "",
            422,
            "nobody may"),
        (Validation(
            "object.metadata.name.startsWith('x')",
            ""","message":"first"},{"expression":"false","message":"second" """), "", 422, "first"),
        (
            Validation(
                "variables.b",
                "",
                ""","variables":[{"name":"a","expression":"object.data.a"},{"name":"b","expression":"variables.a == 'b'"}]"""),
            ""","data":{"a":"b"}""",
            201,
            ""),
        (
            Validation(
                "variables.b",
                "",
                ""","variables":[{"name":"a","expression":"object.data.a"},{"name":"b","expression":"variables.a == 'b'"}]"""),
            "",
            422,
            "expression 'variables.b' resulted in error: composited variable \"b\" fails to evaluate: composited "
            + "variable "
            + "\"a\" fails to evaluate: no such key: data"),
        (
            Validation(
                "false",
                ""","messageExpression":"variables.a" """,
                ""","variables":[{"name":"a","expression":"'from ' + request.namespace.substring(0, 11)"}]"""),
            "",
            422,
            "from conformance"),
        (Validation("false", "", ""","matchConditions":[{"name":"never","expression":"false"}]"""), "", 201, ""),
        (
            Validation(
                "false", "", ""","matchConditions":[{"name":"always","expression":"object.metadata.name != ''"}]"""),
            "",
            422,
            "failed expression: false"),
        (
            Validation("true", "", ""","matchConditions":[{"name":"odd","expression":"object.data.a == 'b'"}]"""),
            "",
            422,
            "expression 'object.data.a == 'b'' resulted in error: no such key: data"),
        (
            Validation(
                "true",
                "",
                ""","matchConditions":[{"name":"odd","expression":"object.data.a == 'b'"},{"name":"never","expression":"false"}]"""),
            "",
            201,
            ""),
        (Validation("params == null", "", ""","paramKind":{"apiVersion":"v1","kind":"Secret"}"""), "", 201, ""),
        (
            Validation("object.metadata.name == 'a' ? true : [1, 2, 3].map(i, i * 2) == [2, 4, 6]"), "", 201, ""),
        (Validation(
            "object.data.all(k, object.data[k].matches('^[a-z]+$'))"), ""","data":{"a":"b","c":"d"}""", 201, ""),
        (Validation("quantity(object.data.a).isLessThan(quantity('2Gi'))"), ""","data":{"a":"1Gi"}""", 201, ""),
        (Validation("object.?data.a.orValue('x') == 'x'"), "", 201, ""),
        (Validation("variables.a == 2", "", TwoVariables), "", 201, ""),
        (Validation("variables.a == 1", "", TwoVariables), "", 422, "failed expression: variables.a == 1"),
        (Validation("oldObject.metadata.name == 'x'"), "", 422, Error("oldObject.metadata.name == 'x'", "metadata")),
        (Validation("oldObject['metadata'] == 1"), "", 422, Error("oldObject['metadata'] == 1", "metadata")),
        (Validation("dyn('x').a == 1"), "", 422, Error("dyn('x').a == 1", "a")),
        (Validation("dyn('x')[0] == 1"), "", 422, Error("dyn('x')[0] == 1", "0")),
        (Validation("!has(oldObject.metadata)"), "", 201, ""),
        (Validation("!oldObject.?metadata.hasValue() && !oldObject[?'metadata'].hasValue()"), "", 201, ""),
        (
            Validation("dyn([1]).a == 1"),
            "",
            422,
            "expression 'dyn([1]).a == 1' resulted in error: unsupported index type 'string' in list"),
        (
            Validation("dyn([1])['a'] == 1"),
            "",
            422,
            "expression 'dyn([1])['a'] == 1' resulted in error: unsupported index type 'string' in list"),
    ];

    public static TheoryData<string, string> Mistakes { get; } = new()
    {
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"object.x ="}]}""",
            "spec.validations[0].expression: Invalid value: \"object.x =\": compilation failed: ERROR: <input>:1:10: "
            + "Syntax error: token recognition error at: '='\n | object.x =\n | .........^"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"objekt.x == 1"}]}""",
            "spec.validations[0].expression: Invalid value: \"objekt.x == 1\": compilation failed: ERROR: <input>:1:1: "
            + "undeclared reference to 'objekt' (in container '')\n | objekt.x == 1\n | ^"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"request.nothing == 1"}]}""",
            "spec.validations[0].expression: Invalid value: \"request.nothing == 1\": compilation failed: ERROR: "
            + "<input>:1:8: undefined field 'nothing'\n | request.nothing == 1\n | .......^"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"1"}]}""",
            "spec.validations[0].expression: Invalid value: \"1\": must evaluate to bool but got int"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"object.x"}]}""",
            "spec.validations[0].expression: Invalid value: \"object.x\": must evaluate to bool but got dyn"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"params == null"}]}""",
            "spec.validations[0].expression: Invalid value: \"params == null\": compilation failed: ERROR: "
            + "<input>:1:1: "
            + "undeclared reference to 'params' (in container '')\n | params == null\n | ^"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"true","messageExpression":"1"}]}""",
            "spec.validations[0].messageExpression: Invalid value: \"1\": must evaluate to string but got int"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"true","messageExpression":"string(authorizer.path('/').check('get').allowed())"}]}""",
            "spec.validations[0].messageExpression: Invalid value: "
            + "\"string(authorizer.path('/').check('get').allowed())\": "
            + "compilation failed: ERROR: <input>:1:8: undeclared reference to 'authorizer' (in container '')\n"
            + " | string(authorizer.path('/').check('get').allowed())\n | .......^"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"authorizer.check('get').allowed()"}]}""",
            "spec.validations[0].expression: Invalid value: \"authorizer.check('get').allowed()\": compilation failed: "
            + "ERROR: "
            + "<input>:1:17: found no matching overload for 'check' applied to "
            + "'kubernetes.authorization.Authorizer.(string)'\n | authorizer.check('get').allowed()\n | "
                + "................^"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"true","message":"a\nb"}]}""",
            "spec.validations[0].message: Invalid value: \"a\\nb\": must not contain line breaks"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":"true","reason":"Conflict"}]}""",
            "spec.validations[0].reason: Unsupported value: \"Conflict\": supported values: \"Forbidden\", "
            + "\"Invalid\", "
            + "\"RequestEntityTooLarge\""
        },
        {
            $$"""{"matchConstraints":{{Rules}},"validations":[{"expression":" "}]}""",
            "spec.validations[0].expression: Required value: expression is not specified"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"variables":[{"name":"a-b","expression":"1"}],"validations":[{"expression":"true"}]}""",
            "spec.variables[0].name: Invalid value: \"a-b\": must be a valid CEL identifier"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"variables":[{"name":"a","expression":"variables.b"},{"name":"b","expression":"1"}],"validations":[{"expression":"true"}]}""",
            "spec.variables[0].expression: Invalid value: \"variables.b\": compilation failed: ERROR: <input>:1:10: "
            + "undefined "
            + "field 'b'\n | variables.b\n | .........^"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"variables":[{"name":"a","expression":"true"}],"matchConditions":[{"name":"a","expression":"variables.a"}],"validations":[{"expression":"true"}]}""",
            "spec.matchConditions[0].expression: Invalid value: \"variables.a\": compilation failed: ERROR: "
            + "<input>:1:1: "
            + "undeclared reference to 'variables' (in container '')\n | variables.a\n | ^"
        },
        {
            $$"""{"matchConstraints":{{Rules}},"matchConditions":[{"name":"a","expression":"true"},{"name":"a","expression":"true"}],"validations":[{"expression":"true"}]}""",
            "spec.matchConditions[1].name: Duplicate value: \"a\""
        },
        {
            $$"""{"matchConstraints":{{Rules}},"auditAnnotations":[{"key":"k","valueExpression":"1"}]}""",
            "spec.auditAnnotations[0].valueExpression: Invalid value: \"1\": must evaluate to one of [string "
            + "null_type] but "
            + "got int"
        },
        {
            """{"matchConstraints":{},"validations":[{"expression":"true"}]}""",
            "spec.matchConstraints.resourceRules: Required value"
        },
        {
            $$"""{"failurePolicy":"Maybe","matchConstraints":{{Rules}},"validations":[{"expression":"true"}]}""",
            "spec.failurePolicy: Unsupported value: \"Maybe\": supported values: \"Fail\", \"Ignore\""
        },
    };

    [Fact]
    public async Task A_bound_policy_decides_as_its_expressions_say()
    {
        for (var i = 0; i < Verdicts.Length; i++)
        {
            await BindAsync($"v{i}", Verdicts[i].Spec, ""","validationActions":["Deny"]""");
        }

        await InForceAsync();

        var wrong = new List<string>();
        for (var i = 0; i < Verdicts.Length; i++)
        {
            var (spec, content, code, message) = Verdicts[i];
            var name = Name($"v{i}");
            var reply = await PostAsync(
                $"{ConfigMaps}?dryRun=All", $$"""{"metadata":{"name":"{{name}}"}{{content}}}""");
            var expected = code == 201
                ? null
                : $"configmaps \"{name}\" is forbidden: ValidatingAdmissionPolicy '{name}' with binding '{name}' "
                    + $"denied request: {message}";
            if (code != reply.Code || (expected is not null && reply.Message != expected))
            {
                wrong.Add($"{spec}\n  expected {code} {expected}\n  actual {reply.Code} {reply.Message}");
            }
        }

        Assert.Empty(wrong);
    }

    [Theory]
    [MemberData(nameof(Mistakes))]
    public async Task A_policy_with_a_mistake_is_refused(string spec, string problem)
    {
        var refused = await PostAsync($"{Policies}?dryRun=All", $$"""{"metadata":{"name":"p"},"spec":{{spec}}}""");

        Assert.Equal(
            $"ValidatingAdmissionPolicy.admissionregistration.k8s.io \"p\" is invalid: {problem}", refused.Message);
        Assert.Equal(422, refused.Code);
    }

    [Theory]
    [InlineData(
        """{"policyName":"p","validationActions":["Deny","Warn"]}""",
        "spec.validationActions: Invalid value: [\"Deny\",\"Warn\"]: must not contain both Deny and Warn (repeating "
        + "the "
        + "same validation failure information in the API response and headers serves no purpose)")]
    [InlineData(
        """{"policyName":"p"}""", "spec.validationActions: Required value: at least one validation action is required")]
    [InlineData(
        """{"policyName":"p","validationActions":["Deny"],"paramRef":{"parameterNotFoundAction":"Deny"}}""",
        "spec.paramRef: Required value: one of name or selector must be specified")]
    public async Task A_binding_with_a_mistake_is_refused(string spec, string problem)
    {
        var refused = await PostAsync($"{Bindings}?dryRun=All", $$"""{"metadata":{"name":"b"},"spec":{{spec}}}""");

        Assert.Equal(
            $"ValidatingAdmissionPolicyBinding.admissionregistration.k8s.io \"b\" is invalid: {problem}",
            refused.Message);
        Assert.Equal(422, refused.Code);
    }

    [Fact]
    public async Task A_warning_lets_pass_and_an_audit_says_nothing()
    {
        await BindAsync(
            "warn", Validation("false", ""","message":"take care" """), ""","validationActions":["Warn"]""");
        await BindAsync("audit", Validation("false"), ""","validationActions":["Audit"]""");
        await InForceAsync();

        var warned = await CreateConfigMapAsync(Name("warn"));
        var audited = await CreateConfigMapAsync(Name("audit"));

        Assert.Equal((201, 201), (warned.Code, audited.Code));
        Assert.Equal(
            $"299 - \"Validation failed for ValidatingAdmissionPolicy '{Name("warn")}' with binding '{Name("warn")}': "
            + "take care\"",
            Assert.Single(warned.Warnings));
        Assert.Empty(audited.Warnings);
    }

    [Fact]
    public async Task Parameters_come_from_the_object_that_the_binding_names()
    {
        await CreateConfigMapAsync("limits", ""","data":{"most":"1"}""");
        var spec = Validation(
            "object.data.size() <= int(params.data.most)",
            ""","messageExpression":"'at most ' + params.data.most" """,
            ""","paramKind":{"apiVersion":"v1","kind":"ConfigMap"}""");
        await BindAsync(
            "named",
            spec,
            $$""","validationActions":["Deny"],"paramRef":{"name":"limits","namespace":"{{Namespace}}","parameterNotFoundAction":"Deny"}""");
        await BindAsync(
            "missing",
            spec,
            $$""","validationActions":["Deny"],"paramRef":{"name":"none","namespace":"{{Namespace}}","parameterNotFoundAction":"Deny"}""");
        await BindAsync(
            "optional",
            spec,
            $$""","validationActions":["Deny"],"paramRef":{"name":"none","namespace":"{{Namespace}}","parameterNotFoundAction":"Allow"}""");
        await InForceAsync();

        const string two = ""","data":{"a":"1","b":"2"}""";
        var fits = await CreateConfigMapAsync(Name("named"), ""","data":{"a":"1"}""");
        await DeleteAsync($"{ConfigMaps}/{Name("named")}");
        var refused = await CreateConfigMapAsync(Name("named"), two);
        var unknown = await CreateConfigMapAsync(Name("missing"), two);
        var optional = await CreateConfigMapAsync(Name("optional"), two);

        Assert.Equal((201, 422, 422, 201), (fits.Code, refused.Code, unknown.Code, optional.Code));
        Assert.EndsWith("denied request: at most 1", refused.Message, StringComparison.Ordinal);
        Assert.EndsWith(
            "denied request: failed to configure binding: no params found for policy binding with `Deny` "
            + "parameterNotFoundAction",
            unknown.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Updates_deletes_and_subresources_are_judged_by_their_own_rules()
    {
        async Task BindRuleAsync(string name, string rule, string expression) => await BindAsync(
            name,
            $$"""{"matchConstraints":{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{Namespace}}"} },"resourceRules":[{{rule}}]},"validations":[{"expression":"{{expression}}"}]}""",
            ""","validationActions":["Deny"]""");
        await BindRuleAsync(
            "update",
            """{"apiGroups":[""],"apiVersions":["v1"],"operations":["UPDATE"],"resources":["configmaps"]}""",
            "object.data.a == oldObject.data.a");
        await BindRuleAsync(
            "delete",
            """{"apiGroups":["*"],"apiVersions":["*"],"operations":["DELETE"],"resources":["*"],"resourceNames":["kept"]}""",
            "object != null && oldObject == null");
        await BindRuleAsync(
            "scale",
            """{"apiGroups":["apps"],"apiVersions":["v1"],"operations":["*"],"resources":["deployments/scale"]}""",
            "object.kind == 'Scale' && request.kind.group == 'autoscaling' && request.subResource == 'scale' "
            + "&& object.spec.replicas < 3");
        await BindRuleAsync(
            "exec",
            """{"apiGroups":[""],"apiVersions":["v1"],"operations":["CONNECT"],"resources":["pods/exec"]}""",
            "object.kind == 'PodExecOptions' && object.command[0] != 'sh' && request.operation == 'CONNECT'");
        await CreateConfigMapAsync("kept", ""","data":{"a":"1"}""");
        await CreateConfigMapAsync("other", ""","data":{"a":"1"}""");
        var deployments = $"/apis/apps/v1/namespaces/{Namespace}/deployments";
        await PostAsync(
            deployments,
            """
            {"metadata":{"name":"d"},"spec":{"replicas":1,"selector":{"matchLabels":{"a":"b"}},
             "template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
            """);
        await InForceAsync();

        Assert.Equal(200, (await PatchAsync($"{ConfigMaps}/other", """{"data":{"b":"2"}}""")).Code);
        Assert.Equal(422, (await PatchAsync($"{ConfigMaps}/other", """{"data":{"a":"2"}}""")).Code);
        Assert.Equal(422, (await DeleteAsync($"{ConfigMaps}/kept")).Code);
        Assert.Equal(200, (await DeleteAsync($"{ConfigMaps}/other")).Code);
        Assert.Equal(200, (await PatchAsync($"{deployments}/d/scale", """{"spec":{"replicas":2}}""")).Code);
        Assert.Equal(422, (await PatchAsync($"{deployments}/d/scale", """{"spec":{"replicas":3}}""")).Code);
        Assert.Equal(200, (await PatchAsync($"{deployments}/d", """{"spec":{"replicas":3}}""")).Code);
        var exec = await PostAsync(
            $"/api/v1/namespaces/{Namespace}/pods/p/exec?command=sh&command=-c&stdout=true", "");
        Assert.Equal(422, exec.Code);
        Assert.StartsWith(
            "pods \"p\" is forbidden: ValidatingAdmissionPolicy ", exec.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_deletion_of_a_collection_names_no_object()
    {
        await BindAsync(
            "collection",
            $$"""{"matchConstraints":{"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{Namespace}}"} },"resourceRules":[{"apiGroups":[""],"apiVersions":["v1"],"operations":["DELETE"],"resources":["configmaps"]}]},"validations":[{"expression":"has(request.name) || object.metadata.name == 'a'"}]}""",
            ""","validationActions":["Deny"]""");
        await CreateConfigMapAsync("kept");
        await InForceAsync();

        var refused = await DeleteAsync($"{ConfigMaps}?fieldSelector=metadata.name=kept");

        Assert.Equal(
            (422,
                $"configmaps \"Unknown\" is forbidden: ValidatingAdmissionPolicy '{Name("collection")}' with binding "
                + $"'{Name("collection")}' denied request: expression 'has(request.name) || object.metadata.name == 'a'' "
                + "resulted in error: no such key: metadata"),
            (refused.Code, refused.Message));
        Assert.Equal("Unknown", refused.Text("details", "name"));
        Assert.Equal(200, (await DeleteAsync($"{ConfigMaps}/kept")).Code);
    }

    [Fact]
    public async Task What_a_policy_leaves_out_is_filled_in()
    {
        var spec = (await PostAsync(
            $"{Policies}?dryRun=All",
            $$"""{"metadata":{"name":"p"},"spec":{"matchConstraints":{{Rules}},"validations":[{"expression":"true"}]} }"""))
            .Body["spec"]!;

        Assert.Equal("Fail", (string?)spec["failurePolicy"]);
        Assert.Equal("Equivalent", (string?)spec["matchConstraints"]!["matchPolicy"]);
        Assert.Equal("{}", spec["matchConstraints"]!["namespaceSelector"]!.ToJsonString());
        Assert.Equal("*", (string?)spec["matchConstraints"]!["resourceRules"]![0]!["scope"]);
    }

    private static string Validation(string expression, string more = "", string spec = "") =>
        $$"""{"matchConstraints":RULES,"validations":[{"expression":{{JsonValue.Create(expression).ToJsonString()}}{{more}}}]{{spec}}}""";

    private static string Error(string expression, string key) =>
        $"expression '{expression}' resulted in error: no such key: {key}";

    private string Name(string name) => $"{Namespace}-{name}";

    /// <summary>Puts a policy into force for the one object that is called like it.</summary>
    private async Task BindAsync(string name, string spec, string binding)
    {
        var rules =
            $$"""
            {"namespaceSelector":{"matchLabels":{"kubernetes.io/metadata.name":"{{Namespace}}"} },"resourceRules":[{"apiGroups":[""],
             "apiVersions":["v1"],"operations":["CREATE"],"resources":["configmaps"],"resourceNames":["{{Name(name)}}"]}]}
            """;
        var policy = await PostAsync(
            Policies,
            $$"""{"metadata":{"name":"{{Name(name)}}"},"spec":{{spec.Replace("RULES", rules, StringComparison.Ordinal)}}}""");
        Assert.True(policy.Code == 201, $"{spec}: {policy.Message}");
        var bound = await PostAsync(
            Bindings,
            $$"""{"metadata":{"name":"{{Name(name)}}"},"spec":{"policyName":"{{Name(name)}}"{{binding}}} }""");
        Assert.True(bound.Code == 201, bound.Message);
    }

    /// <summary>A real server takes a moment to learn of policies, and learns of the last one last.</summary>
    private async Task InForceAsync()
    {
        await BindAsync("last", Validation("false"), ""","validationActions":["Deny"]""");
        while ((await PostAsync(
            $"{ConfigMaps}?dryRun=All", $$"""{"metadata":{"name":"{{Name("last")}}"} }""")).Code == 201)
        {
            await Task.Delay(TimeSpan.FromMilliseconds(100), Cancelled);
        }
    }
}
