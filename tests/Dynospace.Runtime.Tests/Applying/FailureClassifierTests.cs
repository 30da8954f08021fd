using System.Net;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;

namespace Dynospace.Runtime.Tests.Applying;

public sealed class FailureClassifierTests
{
    private static readonly ObjectReference Reference = new(Objects.ConfigMaps, new ObjectKey("ns", "a"));

    [Theory]
    [InlineData(400, FailureClass.Permanent)]
    [InlineData(401, FailureClass.Retryable)]
    [InlineData(403, FailureClass.Permanent)]
    [InlineData(404, FailureClass.Permanent)]
    [InlineData(405, FailureClass.Permanent)]
    [InlineData(408, FailureClass.Retryable)]
    [InlineData(409, FailureClass.Retryable)]
    [InlineData(410, FailureClass.Retryable)]
    [InlineData(413, FailureClass.Permanent)]
    [InlineData(422, FailureClass.Permanent)]
    [InlineData(429, FailureClass.Retryable)]
    [InlineData(500, FailureClass.Retryable)]
    [InlineData(502, FailureClass.Retryable)]
    [InlineData(503, FailureClass.Retryable)]
    [InlineData(504, FailureClass.Retryable)]
    public void Refusals_by_code(int code, FailureClass expected) =>
        Assert.Equal(expected, FailureClassifier.Classify(FakeTransport.Refusal((HttpStatusCode)code, "x")));

    [Fact]
    public void Connections_pass_and_their_texts_are_ours()
    {
        foreach (var exception in new Exception[] { new HttpRequestException("token=hunter2"), new IOException("hunter2"), new TimeoutException("get took long") })
        {
            var failure = FailureClassifier.Describe(Reference, exception);
            Assert.Equal(FailureClass.Retryable, failure.Class);
            Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
            Assert.True(FailureClassifier.IsRequestFailure(exception));
        }
    }

    [Fact]
    public void Defects_are_retried_without_showing_their_text()
    {
        var failure = FailureClassifier.Describe(Reference, new InvalidOperationException("hunter2"));
        Assert.Equal(("InvalidOperationException", FailureClass.Retryable), (failure.Reason, failure.Class));
        Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
        Assert.False(FailureClassifier.IsRequestFailure(new InvalidOperationException()));
    }
}
