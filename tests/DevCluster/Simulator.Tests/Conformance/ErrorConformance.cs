namespace DevCluster.Simulator.Tests.Conformance;

/// <summary>What is refused, and in which words.</summary>
public abstract class ErrorConformance(IApiUnderTest api) : ApiConformance(api)
{
    private const string NameRule =
        "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an "
        + "alphanumeric character (e.g. 'example.com', regex used for validation is "
        + @"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')";

    [Fact]
    public async Task A_missing_object_is_named()
    {
        var reply = await GetAsync($"{ConfigMaps}/none");

        Assert.Equal((404, "NotFound", "configmaps \"none\" not found"), (reply.Code, reply.Reason, reply.Message));
        Assert.Equal(("none", "configmaps"), (reply.Text("details", "name"), reply.Text("details", "kind")));
        Assert.Equal(("Status", "v1", "Failure"), (reply.Text("kind"), reply.Text("apiVersion"), reply.Text("status")));
    }

    [Fact]
    public async Task Grouped_resources_are_named_with_their_group()
    {
        var reply = await GetAsync($"/apis/apps/v1/namespaces/{Namespace}/deployments/none");

        Assert.Equal("deployments.apps \"none\" not found", reply.Message);
        Assert.Equal("apps", reply.Text("details", "group"));
    }

    [Theory]
    [InlineData("/api/v1/nonsense")]
    [InlineData("/apis/apps/v1/nonsense")]
    public async Task An_unknown_resource_is_not_found(string path)
    {
        var reply = await GetAsync(path);

        Assert.Equal(
            (404, "NotFound", "the server could not find the requested resource"),
            (reply.Code, reply.Reason, reply.Message));
    }

    [Theory]
    [InlineData("/foo")]
    [InlineData("/apis/nonsense.example/v1/things")]
    public async Task An_unknown_path_is_not_found(string path)
    {
        var reply = await GetAsync(path);

        Assert.Equal((404, "404 page not found\n"), (reply.Code, reply.Text("text")));
    }

    [Theory]
    [InlineData("POST", "configmaps/a")]
    [InlineData("PUT", "configmaps")]
    [InlineData("PATCH", "configmaps")]
    public async Task A_method_that_makes_no_sense_is_not_allowed(string method, string path)
    {
        var reply = await SendAsync(method, $"/api/v1/namespaces/{Namespace}/{path}", "{}");

        Assert.Equal(
            (405, "MethodNotAllowed", "the server does not allow this method on the requested resource"),
            (reply.Code, reply.Reason, reply.Message));
    }

    [Fact]
    public async Task A_bad_name_is_explained()
    {
        var reply = await CreateConfigMapAsync("A_b");

        Assert.Equal((422, "Invalid"), (reply.Code, reply.Reason));
        Assert.Equal($"ConfigMap \"A_b\" is invalid: metadata.name: Invalid value: \"A_b\": {NameRule}", reply.Message);
        Assert.Equal("metadata.name", (string?)reply.Body["details"]!["causes"]![0]!["field"]);
        Assert.Equal("FieldValueInvalid", (string?)reply.Body["details"]!["causes"]![0]!["reason"]);
    }

    [Theory]
    [InlineData(
        """{"metadata":{}}""",
        422,
        "ConfigMap \"\" is invalid: metadata.name: Required value: name or generateName is required")]
    [InlineData(
        """{"metadata":{"name":"b","namespace":"other"}}""",
        400,
        "the namespace of the provided object does not match the namespace sent on the request")]
    [InlineData(
        """{"metadata":{"name":"b","resourceVersion":"5"}}""",
        500,
        "resourceVersion should not be set on objects to be created")]
    public async Task A_wrong_object_is_refused_on_create(string body, int code, string message)
    {
        var reply = await PostAsync(ConfigMaps, body);

        Assert.Equal((code, message), (reply.Code, reply.Message));
    }

    [Fact]
    public async Task Several_mistakes_are_all_named()
    {
        await CreateConfigMapAsync("c");
        var reply = await PatchAsync(
            $"{ConfigMaps}/c",
            """{"metadata":{"labels":{"a b":"c d"},"ownerReferences":[{"apiVersion":"v1","kind":"X","name":"","uid":""}],"finalizers":["foo"]}}""");

        Assert.Equal(422, reply.Code);
        Assert.StartsWith(
            "ConfigMap \"c\" is invalid: [metadata.labels: Invalid value: \"a b\": name part must consist of",
            reply.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "metadata.labels: Invalid value: \"c d\": a valid label must be an empty string or consist of",
            reply.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "metadata.ownerReferences.uid: Invalid value: \"\": must not be empty",
            reply.Message,
            StringComparison.Ordinal);
        Assert.Contains(
            "name is neither a standard finalizer name nor is it fully qualified",
            reply.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_differs_from_the_path_is_refused()
    {
        await CreateConfigMapAsync("a");
        var put = await SendAsync("PUT", $"{ConfigMaps}/a", """{"metadata":{"name":"x"}}""");

        Assert.Equal(
            (400, "the name of the object (x) does not match the name on the URL (a)"), (put.Code, put.Message));
    }

    [Fact]
    public async Task A_body_that_is_not_JSON_is_a_bad_request()
    {
        var reply = await PostAsync(ConfigMaps, "{bad");

        Assert.Equal((400, "BadRequest"), (reply.Code, reply.Reason));
        Assert.StartsWith(
            "the object provided is unrecognized (must be of type ConfigMap): couldn't get version/kind; json parse "
            + "error: ",
            reply.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_kind_is_a_bad_request()
    {
        var reply = await PostAsync(ConfigMaps, """{"apiVersion":"v1","kind":"Pod","metadata":{"name":"b"}}""");

        Assert.Equal((400, "BadRequest"), (reply.Code, reply.Reason));
        Assert.StartsWith(
            "Pod in version \"v1\" cannot be handled as a ConfigMap: ", reply.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unknown_media_types_are_unsupported()
    {
        var reply = await SendAsync("POST", ConfigMaps, "{}", "text/plain");

        Assert.Equal((415, "UnsupportedMediaType"), (reply.Code, reply.Reason));
        Assert.StartsWith(
            "the body of the request was in an unknown format - accepted media types include: application/json, "
            + "application/yaml",
            reply.Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task Unacceptable_representations_are_refused()
    {
        var reply = await GetAsync(ConfigMaps, "application/xml");

        Assert.Equal((406, "NotAcceptable"), (reply.Code, reply.Reason));
    }

    [Fact]
    public async Task Strict_validation_refuses_unknown_and_duplicate_fields()
    {
        var reply = await PostAsync(
            $"{ConfigMaps}?fieldValidation=Strict",
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"foo":1,"data":{"a":"b","a":"c"}}""");

        Assert.Equal(
            (400, "ConfigMap in version \"v1\" cannot be handled as a ConfigMap: strict decoding error: unknown field "
                + "\"foo\", duplicate field \"data.a\""),
            (reply.Code, reply.Message));
    }

    [Fact]
    public async Task Warnings_name_unknown_and_duplicate_fields()
    {
        var reply = await PostAsync(
            $"{ConfigMaps}?fieldValidation=Warn",
            """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"foo":1,"data":{"a":"b","a":"c"}}""");

        Assert.Equal((201, "c"), (reply.Code, reply.Text("data", "a")));
        Assert.Null(reply.Body["foo"]);
        Assert.Equal(
            ["299 - \"unknown field \\\"foo\\\"\"", "299 - \"duplicate field \\\"data.a\\\"\""], reply.Warnings);
    }

    [Fact]
    public async Task Yaml_bodies_are_read()
    {
        var reply =
            await SendAsync(
                "POST",
                ConfigMaps,
                "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: yaml\ndata: {k: '5'}\n",
                "application/yaml");

        Assert.Equal((201, "5"), (reply.Code, reply.Text("data", "k")));
    }

    [Theory]
    [InlineData("""{"replicas":"x"}""", "string into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"replicas":1.5}""", "number 1.5 into Go struct field DeploymentSpec.spec.replicas of type int32")]
    [InlineData("""{"paused":"no"}""", "string into Go struct field DeploymentSpec.spec.paused of type bool")]
    [InlineData(
        """{"template":[]}""", "array into Go struct field DeploymentSpec.spec.template of type v1.PodTemplateSpec")]
    [InlineData(
        """{"template":{"spec":{"containers":{}}}}""",
        "object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container")]
    [InlineData(
        """{"template":{"spec":{"containers":[{"name":5}]}}}""",
        "number into Go struct field Container.spec.template.spec.containers.name of type string")]
    public async Task A_wrong_type_is_a_bad_request(string spec, string mismatch)
    {
        var reply =
            await PostAsync(
                $"/apis/apps/v1/namespaces/{Namespace}/deployments", $$"""{"metadata":{"name":"d"},"spec":{{spec}}}""");

        Assert.Equal(
            (400, "BadRequest", $"Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot "
                + $"unmarshal {mismatch}"),
            (reply.Code, reply.Reason, reply.Message));
    }

    [Fact]
    public async Task A_namespace_that_does_not_exist_takes_nothing()
    {
        var reply = await PostAsync("/api/v1/namespaces/no-such-namespace/configmaps", """{"metadata":{"name":"a"}}""");

        Assert.Equal((404, "namespaces \"no-such-namespace\" not found"), (reply.Code, reply.Message));
    }
}
