using DevCluster.ApiServer.Auth;
using DevCluster.ApiServer.Http;
using Microsoft.AspNetCore.Http;

namespace DevCluster.ApiServer.Tests.Http;

public sealed class RequestInfoTests
{
    [Theory]
    [InlineData("GET", "/api/v1/pods", "list  v1 pods - - -")]
    [InlineData("GET", "/api/v1/namespaces/n/pods?watch=true", "watch  v1 pods n - -")]
    [InlineData("GET", "/api/v1/namespaces/n/pods/p/log", "get  v1 pods n p log")]
    [InlineData("GET", "/api/v1/namespaces/n/services/https:s:p/proxy/a/b", "get  v1 services n https:s:p proxy")]
    [InlineData("POST", "/api/v1/namespaces/n/services/s/proxy", "create  v1 services n s proxy")]
    [InlineData("GET", "/api/v1/namespaces/n", "get  v1 namespaces n n -")]
    [InlineData("PUT", "/api/v1/namespaces/n/finalize", "update  v1 namespaces n n finalize")]
    [InlineData("POST", "/apis/apps/v1/namespaces/n/deployments", "create apps v1 deployments n - -")]
    [InlineData("DELETE", "/apis/apps/v1/namespaces/n/deployments", "deletecollection apps v1 deployments n - -")]
    [InlineData("GET", "/apis/g.example/v1/things?fieldSelector=metadata.name%3Dx", "list g.example v1 things - x -")]
    [InlineData("GET", "/apis/apps/v1", "get   - - -")]
    [InlineData("GET", "/version", "get   - - -")]
    public void A_path_says_what_it_is_about(string method, string url, string expected)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = method;
        context.Request.Path = url.Split('?')[0];
        context.Request.QueryString = new QueryString(
            url.Contains('?', StringComparison.Ordinal) ? "?" + url.Split('?')[1] : "");

        var info = RequestInfo.Parse(context.Request);

        var about = info.IsResource ? $"{info.Verb} {info.Group} {info.Version} {info.Plural}" : $"{info.Verb}  ";
        Assert.Equal(expected, $"{about} {info.Namespace ?? "-"} {info.Name ?? "-"} {info.Subresource ?? "-"}");
    }

    [Theory]
    [InlineData("/api/v1/namespaces/n/services/s/proxy", "/")]
    [InlineData("/api/v1/namespaces/n/services/s/proxy/", "/")]
    [InlineData("/api/v1/namespaces/n/services/s/proxy/proxy/a/", "/proxy/a/")]
    [InlineData("/api/v1/namespaces/proxy/services/namespaces/proxy/a", "/a")]
    [InlineData("/api/v1/namespaces/n/services/s", null)]
    public void The_rest_of_a_path_is_for_the_service(string url, string? expected)
    {
        var context = new DefaultHttpContext();
        context.Request.Method = "GET";
        context.Request.Path = url;

        Assert.Equal(expected, RequestInfo.Parse(context.Request).ProxiedPath);
    }

    [Theory]
    [InlineData("s", "http s ")]
    [InlineData("s:80", "http s 80")]
    [InlineData("https:s:lines", "https s lines")]
    [InlineData(":s:lines", "http s lines")]
    public void A_service_is_named_with_scheme_and_port(string text, string expected)
    {
        var (scheme, name, port) = ServiceName.Parse(text);

        Assert.Equal(expected, $"{scheme} {name} {port}");
    }
}
