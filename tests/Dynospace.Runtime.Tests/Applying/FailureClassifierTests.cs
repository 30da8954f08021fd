using System.Net;
using Dynospace.Runtime.Applying;
using Dynospace.Runtime.Tests.Support;

namespace Dynospace.Runtime.Tests.Applying;

public sealed class FailureClassifierTests
{
    private static readonly ObjectReference Reference = new(Objects.ConfigMaps, new ObjectKey("ns", "a"));

    [Theory]
    [InlineData(400, FailureClass.Permanent)]
    [InlineData(401, FailureClass.Transient)]
    [InlineData(403, FailureClass.MayPass)]
    [InlineData(404, FailureClass.MayPass)]
    [InlineData(405, FailureClass.Permanent)]
    [InlineData(408, FailureClass.Transient)]
    [InlineData(409, FailureClass.Transient)]
    [InlineData(410, FailureClass.Transient)]
    [InlineData(413, FailureClass.Permanent)]
    [InlineData(422, FailureClass.MayPass)]
    [InlineData(429, FailureClass.Transient)]
    [InlineData(500, FailureClass.Transient)]
    [InlineData(502, FailureClass.Transient)]
    [InlineData(503, FailureClass.Transient)]
    [InlineData(504, FailureClass.Transient)]
    public void Refusals_by_code(int code, FailureClass expected) =>
        Assert.Equal(expected, FailureClassifier.Classify(FakeTransport.Refusal((HttpStatusCode)code, "x")));

    [Theory]
    [InlineData(new[] { "FieldValueInvalid" }, FailureClass.Permanent)]
    [InlineData(new[] { "FieldValueRequired", "FieldValueForbidden" }, FailureClass.Permanent)]
    [InlineData(new string[0], FailureClass.MayPass)]
    public void A_field_that_validation_names_is_permanent_and_a_policy_that_refuses_may_pass(
        string[] causes, FailureClass expected) =>
        Assert.Equal(
            expected,
            FailureClassifier.Classify(
                FakeTransport.Refusal(HttpStatusCode.UnprocessableEntity, "Invalid", "refused", causes)));

    [Fact]
    public void Connections_pass_and_their_texts_are_ours()
    {
        foreach (var exception in new Exception[] { new HttpRequestException(
            "token=hunter2"), new IOException("hunter2"), new TimeoutException("get took long") })
        {
            var failure = FailureClassifier.Describe(Reference, exception);
            Assert.Equal(FailureClass.Transient, failure.Class);
            Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
            Assert.True(FailureClassifier.IsRequestFailure(exception));
        }
    }

    [Fact]
    public void Defects_are_retried_without_showing_their_text()
    {
        var failure = FailureClassifier.Describe(Reference, new InvalidOperationException("hunter2"));
        Assert.Equal(("InvalidOperationException", FailureClass.Transient), (failure.Reason, failure.Class));
        Assert.DoesNotContain("hunter2", failure.ToString(), StringComparison.Ordinal);
        Assert.False(FailureClassifier.IsRequestFailure(new InvalidOperationException()));
    }
}
